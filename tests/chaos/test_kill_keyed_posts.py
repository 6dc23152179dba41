"""The API is killed while clients send POSTs with keys, each again until it is answered."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.chaos.seed import SEED
from tests.engines.postgres import OwnPostgres
from tests.processes import KEY, Process, api_of, free_port, run_program

SENDERS = 8
IN_FLIGHT = "/problems/idempotency-key-in-flight"


class Sender(threading.Thread):
    """Creates leads, each with a key of its own, and sends each again until it is answered."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(daemon=True)
        self.url = url
        self.stem = name
        self.stopping = threading.Event()
        self.ids: dict[str, str] = {}
        """By address, as the answers told."""
        self.recovered = 0
        """Answers that a kill had taken, although their leads were committed."""
        self.wrong: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=self.url, headers={"x-api-key": KEY}, timeout=5) as client:
            while not self.stopping.is_set():
                self._create(client, f"{self.stem}-{len(self.ids)}")

    def _create(self, client: httpx.Client, key: str) -> None:
        email, headers = f"{key}@example.com", {"idempotency-key": key}
        body = {"name": "Ada", "email": email}
        while email not in self.ids:
            try:
                answer = client.post("/leads", json=body, headers=headers)
            except httpx.TransportError:
                # it is being killed, or starts again
                time.sleep(0.02)
                continue
            told = answer.json()
            if answer.status_code == 201:
                self.ids[email] = told["id"]
                self.recovered += "idempotency-replayed" in answer.headers
            elif told["type"] != IN_FLIGHT and answer.status_code != 503:
                self.wrong.append(told["type"])
                return


@contextmanager
def sending(url: str) -> Iterator[list[Sender]]:
    """Each has its last answer at the end."""
    senders = [Sender(url, f"sender{n}") for n in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        yield senders
    finally:
        for sender in senders:
            sender.stopping.set()
        for sender in senders:
            sender.join(20)


def leads_at(process: Process) -> Counter[tuple[str, str]]:
    """How often each address stands there, under which id."""
    found: Counter[tuple[str, str]] = Counter()
    query: dict[str, str] = {"limit": "200"}
    with api_of(process) as client:
        while True:
            page = client.get("/leads", params=query).json()
            found.update((lead["email"], lead["id"]) for lead in page["items"])
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/crm.db"
    else:
        with OwnPostgres() as server:
            yield server.url


@pytest.mark.parametrize("kills", [3, pytest.param(60, marks=pytest.mark.chaos)])
@pytest.mark.timeout(600)
def test_each_key_is_one_lead_whenever_the_api_is_killed(
    tmp_path: Path, url: str, kills: int
) -> None:
    print(f"CHAOS_SEED={SEED}")
    chance = random.Random(SEED)
    environ = {
        "API_SECRET_KEY": KEY,
        "CRM_PORT": str(free_port()),
        "DATABASE_URL": url,
        "CRM_LOG_LEVEL": "warning",
    }
    run_program("migrate", environ=environ, folder=tmp_path)
    process = Process("serve", environ, tmp_path)
    try:
        process.wait_until_ready()
        with sending(process.url) as senders:
            for _ in range(kills):
                time.sleep(chance.uniform(0.1, 0.6))
                process.kill()
                process = Process("serve", environ, tmp_path)
                process.wait_until_ready()
        there = leads_at(process)
    finally:
        process.stop()

    told = Counter(item for sender in senders for item in sender.ids.items())
    recovered = sum(sender.recovered for sender in senders)
    print(f"{kills} kills, {len(told)} keys, {recovered} answers lost after their commit")
    assert [sender.wrong for sender in senders] == [[]] * SENDERS
    assert there == told
    assert len(told) > kills
