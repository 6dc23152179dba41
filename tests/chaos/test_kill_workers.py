"""Workers are killed, Redis wiped, PostgreSQL restarted, bells lost: no run is, and none twice."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.chaos import evidence
from tests.chaos.crew import Kill, Worker, crew
from tests.chaos.seed import SEED
from tests.engines.postgres import OwnPostgres
from tests.engines.redis import OwnRedis, flush
from tests.processes import KEY, eventually, free_port, run_program, running

BELLS_LOST = 0.1


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


SMALL = Plan(60, 8, kills=3, wipes=1, restarts=1, slowest=0.8, lease="2 s", sweep="500 ms")
WHOLE = Plan(2_000, 240, kills=55, wipes=5, restarts=2, slowest=0.8, lease="15 s", sweep="5 s")
BURST = 30
"""Leads that come together, so that workers hold many."""


class Clients(threading.Thread):
    """Leads come in bursts; one in ten is asked for where no bell can be rung."""

    def __init__(self, plan: Plan, hearing: str, deaf: str, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._plan = plan
        self._urls = [deaf if chance.random() < BELLS_LOST else hearing for _ in range(plan.leads)]
        self.leads: list[str] = []
        self.runs: list[str] = []
        self.unheard = self._urls.count(deaf)

    def run(self) -> None:
        started, every = time.monotonic(), self._plan.seconds / self._plan.leads * BURST
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


@contextmanager
def apis(environ: Mapping[str, str], folder: Path) -> Iterator[tuple[str, str]]:
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


def misfortunes(
    plan: Plan, postgres: OwnPostgres, redis: OwnRedis, chance: random.Random
) -> list[Callable[[], object]]:
    """Wipes and restarts, with blanks between them: one for each kill."""

    def lose_everything() -> None:
        redis.kill()
        redis.start()

    wipes = [(lambda: flush(redis.url)) if n % 2 else lose_everything for n in range(plan.wipes)]
    some = [*wipes, *[postgres.restart] * plan.restarts]
    blanks: list[Callable[[], object]] = [lambda: None] * (plan.kills - len(some))
    chance.shuffle(everything := [*some, *blanks])
    return everything


def kill(worker: Worker, chance: random.Random) -> Kill:
    """Some at any time, most around the moment in which an answer is written."""
    if chance.random() < 0.25:
        done = worker.kill()
    else:
        done = worker.kill_after_an_answer(chance.randrange(4), chance.uniform(0, 0.004))
    worker.start()
    return done


@pytest.mark.parametrize("plan", [SMALL, pytest.param(WHOLE, marks=pytest.mark.chaos)])
@pytest.mark.timeout(900)
def test_no_run_is_lost_doubled_or_invented(tmp_path: Path, plan: Plan) -> None:
    print(f"CHAOS_SEED={SEED}")
    chance = random.Random(SEED)
    with OwnPostgres() as postgres, OwnRedis(durable=False) as redis:
        environ = {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "API_SECRET_KEY": KEY,
            "CRM_LEASE": plan.lease,
            "CRM_SWEEP": os.environ.get("CHAOS_SWEEP", plan.sweep),
        }
        migrated = run_program("migrate", environ=environ, folder=tmp_path)
        assert migrated.returncode == 0, migrated.stderr
        with (
            apis(environ, tmp_path) as (hearing, deaf),
            crew(environ, tmp_path, chance, plan.slowest) as workers,
        ):
            eventually(lambda: all(worker.is_ready() for worker in workers))
            clients = Clients(plan, hearing, deaf, chance)
            clients.start()
            kills = []
            for strike in misfortunes(plan, postgres, redis, chance):
                time.sleep(chance.uniform(0.5, 1.5) * plan.seconds / plan.kills * 0.5)
                strike()
                kills.append(kill(chance.choice(workers), chance))
            clients.join(plan.seconds * 2)
            assert len(clients.runs) == plan.leads
            missing = patiently(lambda: evidence.leads_with_runs(postgres.url), clients)
            rows = evidence.leads_with_runs(postgres.url)
        calls = evidence.calls_in(worker.log for worker in workers)

    hits = evidence.hits_of(kills, calls)
    assert hits.holding
    late = hits.retaken_after[int(len(hits.retaken_after) * 0.95)]
    print(
        f"{len(clients.leads)} leads acknowledged, {clients.unheard} bells not rung, "
        f"{len(kills)} kills ({hits.holding} of a worker that held a lease, "
        f"{hits.before_commit} between an answer and its commit), {plan.wipes} wipes of Redis, "
        f"{plan.restarts} restarts of PostgreSQL, {len(calls)} calls to the AI; "
        f"{len(missing)} lost, taken up again after {late:.1f} s (p95), "
        f"{hits.retaken_after[-1]:.1f} s at most"
    )
    assert missing == []
    assert evidence.doubled(rows) == []
    assert evidence.invented(rows, calls) == []
    if plan is WHOLE:
        assert hits.holding >= plan.kills / 2
        assert hits.before_commit >= 10
        assert late <= 30


def patiently(look: Callable[[], list[object]], clients: Clients) -> list[str]:
    """What is lost once nothing more can come: every lapsed lease was swept up by then."""
    end = time.monotonic() + 90
    while lost := evidence.lost(look(), clients.leads, clients.runs):
        if time.monotonic() > end:
            break
        time.sleep(0.5)
    return lost
