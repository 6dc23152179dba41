"""The all-in-one process is killed again and again while clients write."""

import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.chaos.seed import SEED
from tests.processes import KEY, Process, api_of, eventually, free_port, run_program


class Writer(threading.Thread):
    """Creates leads and asks for their summaries, and remembers what was acknowledged."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(daemon=True)
        self.url = url
        self.stem = name
        self.stopping = threading.Event()
        self.leads: list[str] = []
        self.runs: list[str] = []

    def run(self) -> None:
        number = 0
        with httpx.Client(base_url=self.url, headers={"x-api-key": KEY}, timeout=5) as client:
            while not self.stopping.is_set():
                number += 1
                try:
                    self._write(client, number)
                except httpx.TransportError:
                    # it is being killed, or starts again
                    self.stopping.wait(0.02)

    def _write(self, client: httpx.Client, number: int) -> None:
        body = {"name": "Ada", "email": f"{self.stem}-{number}@example.com", "notes": "A demo."}
        created = client.post("/leads", json=body)
        if created.status_code == 201:
            lead_id = created.json()["id"]
            self.leads.append(lead_id)
            asked = client.post(f"/leads/{lead_id}/summarize")
            if asked.status_code == 202:
                self.runs.append(asked.headers["location"])


@contextmanager
def writing(url: str, count: int) -> Iterator[list[Writer]]:
    writers = [Writer(url, f"writer{n}") for n in range(count)]
    for writer in writers:
        writer.start()
    try:
        yield writers
    finally:
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join(10)


def ends_of(runs: set[str], client: httpx.Client) -> dict[str, tuple[str, str | None]]:
    """State and type of error of each run, once all of them are at their end."""
    ended: dict[str, tuple[str, str | None]] = {}

    def all_ended() -> bool:
        for path in runs - set(ended):
            run = client.get(path).json()
            if run["state"] not in {"pending", "running"}:
                ended[path] = run["state"], run["error"] and run["error"]["type"]
        return len(ended) == len(runs)

    eventually(all_ended, seconds=60)
    return ended


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.chaos)])
@pytest.mark.timeout(600)
def test_what_was_acknowledged_is_there_and_every_run_ends(tmp_path: Path, kills: int) -> None:
    print(f"CHAOS_SEED={SEED}")
    chance = random.Random(SEED)
    environ = {
        "API_SECRET_KEY": KEY,
        "CRM_PORT": str(free_port()),
        "CRM_LEASE": "2 s",
        "CRM_SWEEP": "500 ms",
        "CRM_LOG_LEVEL": "warning",
    }
    run_program("migrate", environ=environ, folder=tmp_path)
    process = Process("serve", environ, tmp_path)
    try:
        process.wait_until_ready()
        with writing(process.url, 4) as writers:
            for _ in range(kills):
                time.sleep(chance.uniform(0.05, 0.6))
                process.kill()
                process = Process("serve", environ, tmp_path)
                process.wait_until_ready()
        leads = [lead for writer in writers for lead in writer.leads]
        runs = {run for writer in writers for run in writer.runs}
        with api_of(process) as client:
            lost = [lead for lead in leads if client.get(f"/leads/{lead}").status_code != 200]
            ended = ends_of(runs, client)
    finally:
        process.stop()

    fates = Counter(ended.values())
    print(f"{kills} kills, {len(leads)} leads and {len(runs)} runs acknowledged: {fates}")
    assert lost == []
    assert set(fates) == {("succeeded", None)}
    assert len(leads) > kills
    with sqlite3.connect(tmp_path / "var" / "smart-crm.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
