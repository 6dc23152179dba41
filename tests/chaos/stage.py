"""The distributed mode on engines of its own, with clients who want every summary."""

import os
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.chaos import evidence
from tests.chaos.crew import Worker, crew
from tests.engines.postgres import OwnPostgres
from tests.engines.redis import OwnRedis
from tests.processes import KEY, eventually, free_port, run_program, running

BELLS_LOST = 0.1
BURST = 30
"""Leads that come together, so that workers hold many."""
PATIENCE = 90.0
"""Seconds after which nothing more can come: every lapsed lease was swept up by then."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything; `seconds` is how long clients take for their leads."""

    leads: int
    seconds: float
    kills: int
    wipes: int
    restarts: int
    slowest: float
    """Seconds that the AI takes at most."""
    lease: str
    sweep: str


class Clients(threading.Thread):
    """Leads come in bursts; one in ten is asked for where no bell can be rung."""

    def __init__(self, plan: Plan, hearing: str, deaf: str, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.plan = plan
        self._urls = [deaf if chance.random() < BELLS_LOST else hearing for _ in range(plan.leads)]
        self.leads: list[str] = []
        self.runs: list[str] = []
        self.unheard = self._urls.count(deaf)

    def run(self) -> None:
        started, every = time.monotonic(), self.plan.seconds / self.plan.leads * BURST
        with httpx.Client(headers={"x-api-key": KEY}, timeout=10) as client:
            for number, url in enumerate(self._urls):
                time.sleep(max(0.0, started + number // BURST * every - time.monotonic()))
                lead_id = self._created(client, url, number)
                self.runs.append(self._asked(client, url, lead_id))

    def _created(self, client: httpx.Client, url: str, number: int) -> str:
        """Sent until it is acknowledged; a 409 tells that an earlier try was committed."""
        body = {"name": f"Ada {number}", "email": f"ada{number}@example.com", "notes": "A demo."}
        while True:
            answer = client.post(f"{url}/leads", json=body)
            if answer.status_code in {201, 409}:
                told = answer.json()
                self.leads.append(told["id"] if "id" in told else told["existing_id"])
                return self.leads[-1]
            assert answer.status_code == 503, answer.text

    def _asked(self, client: httpx.Client, url: str, lead_id: str) -> str:
        while True:
            answer = client.post(f"{url}/leads/{lead_id}/summarize")
            if answer.status_code == 202:
                run_id: str = answer.json()["run_id"]
                return run_id
            assert answer.status_code == 503, answer.text


@dataclass(frozen=True, slots=True)
class Stage:
    """What a chaos may meddle with; its clients have just begun."""

    postgres: OwnPostgres
    redis: OwnRedis
    workers: list[Worker]
    clients: Clients

    def lost(self) -> list[str]:
        """What clients asked for and did not get, though everything had its time."""
        self.clients.join(self.clients.plan.seconds * 2)
        assert len(self.clients.runs) == self.clients.plan.leads
        end = time.monotonic() + PATIENCE
        while lost := evidence.lost(self.rows(), self.clients.leads, self.clients.runs):
            if time.monotonic() > end:
                break
            time.sleep(0.5)
        return lost

    def rows(self) -> list[evidence.Row]:
        return evidence.leads_with_runs(self.postgres.url)

    def calls(self) -> list[evidence.Asked]:
        return evidence.calls_in(worker.log for worker in self.workers)


@contextmanager
def stage(plan: Plan, folder: Path, chance: random.Random) -> Iterator[Stage]:
    """Two APIs and three workers; `CHAOS_SWEEP` overrides how often these look for work."""
    with OwnPostgres() as postgres, OwnRedis(durable=False) as redis:
        environ = {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "API_SECRET_KEY": KEY,
            "CRM_LEASE": plan.lease,
            "CRM_SWEEP": os.environ.get("CHAOS_SWEEP", plan.sweep),
        }
        migrated = run_program("migrate", environ=environ, folder=folder)
        assert migrated.returncode == 0, migrated.stderr
        with (
            _apis(environ, folder) as (hearing, deaf),
            crew(environ, folder, chance, plan.slowest) as workers,
        ):
            eventually(lambda: all(worker.is_ready() for worker in workers))
            clients = Clients(plan, hearing, deaf, chance)
            clients.start()
            yield Stage(postgres, redis, workers, clients)


@contextmanager
def _apis(environ: Mapping[str, str], folder: Path) -> Iterator[tuple[str, str]]:
    """One that rings its bells, and one whose Redis is not there."""
    nowhere = f"redis://127.0.0.1:{free_port()}"
    deaf = {"REDIS_URL": nowhere, "CRM_CACHE": "none", "CRM_PORT": str(free_port())}
    hearing = {"CRM_PORT": str(free_port())}
    with ExitStack() as stack:
        ready = [
            stack.enter_context(running("api", {**environ, **own}, folder))
            for own in (hearing, deaf)
        ]
        yield ready[0].url, ready[1].url
