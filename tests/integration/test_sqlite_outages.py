"""The all-in-one process while its file is locked, or its disk is full.

That a file turns read-only cannot be had here: what is open stays writable whatever its mode
says, and root may write it anyway. `adapters/test_sqlite_database.py` has it on a connection.
"""

import resource
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.bad_requests import GOOD
from tests.outages import assert_unavailable, new_lead, summarized
from tests.processes import KEY, Process, api_of, eventually, free_port, run_program, running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sqlite")


@pytest.fixture(scope="module")
def serving(folder: Path) -> Iterator[Process]:
    environ = {"API_SECRET_KEY": KEY, "CRM_SWEEP": "1 s", "CRM_PORT": str(free_port())}
    assert run_program("migrate", environ=environ, folder=folder).returncode == 0
    with running("serve", environ, folder) as process:
        yield process


@pytest.fixture
def client(serving: Process) -> Iterator[httpx.Client]:
    with api_of(serving) as client:
        yield client


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder / "var" / "smart-crm.db", isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    with opened(folder) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def full(process: Process) -> Iterator[None]:
    """No file of the process may grow or change: what its disk says when nothing is left."""
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)


def assert_sound(folder: Path) -> None:
    with opened(folder) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        abandoned = database.execute(
            "SELECT count(*) FROM leads WHERE summary_status = 'processing' AND id NOT IN"
            " (SELECT lead_id FROM summary_runs WHERE state IN ('pending', 'running'))"
        )
        assert abandoned.fetchone() == (0,)


def test_a_file_that_another_process_locks_is_readable_and_refuses_to_be_written(
    serving: Process, client: httpx.Client, folder: Path
) -> None:
    lead = new_lead(client, "locked@example.com")

    with locked(folder):
        assert client.get(f"/leads/{lead['id']}").json() == lead
        assert client.get("/leads?limit=1").json()["items"] == [lead]
        assert_unavailable(client.post("/leads", json=GOOD))
        assert_unavailable(client.post(f"/leads/{lead['id']}/summarize"))
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 200

    assert client.post("/leads", json=GOOD).status_code == 201
    assert summarized(client, lead)["summary"]
    assert_sound(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process's files")
def test_a_full_disk_is_readable_and_refuses_to_be_written(
    serving: Process, client: httpx.Client, folder: Path
) -> None:
    lead, other = new_lead(client, "full@example.com"), {**GOOD, "email": "later@example.com"}

    with full(serving):
        assert client.get(f"/leads/{lead['id']}").json() == lead
        assert_unavailable(client.post("/leads", json=other))
        assert_unavailable(client.post(f"/leads/{lead['id']}/summarize"))
        assert client.get("/leads?limit=1").json()["items"] == [lead]
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 200

    eventually(lambda: client.post("/leads", json=other).status_code == 201)
    assert summarized(client, lead)["summary"]
    assert_sound(folder)
