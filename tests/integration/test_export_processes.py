"""Exports from real servers: cut off so that it is seen, ended at a stop, and never too many."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path

import httpx
import pytest

from adapters.databases.sql.unit_of_work import SqlDatabase
from entrypoints.http.export import AT_ONCE
from tests.builders import a_lead
from tests.engines.postgres import OwnPostgres
from tests.outages import killed
from tests.processes import KEY, Process, api_of, eventually, free_port, run_program, running

LEADS = 1000
NOTES = "\u00e9" * 10_000
"""Large enough that all leads together are several times what sockets hold for a slow reader."""
STOP_SECONDS = 15.0
"""Less than a stop may take, with room for a machine that is busy."""


def environ_of(database_url: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "API_SECRET_KEY": KEY, "CRM_PORT": str(free_port())}


def filled(database_url: str, folder: Path) -> None:
    migrated = run_program("migrate", environ=environ_of(database_url), folder=folder)
    assert migrated.returncode == 0, migrated.stderr
    asyncio.run(_fill(database_url))


async def _fill(database_url: str) -> None:
    database = SqlDatabase(database_url)
    for start in range(0, LEADS, 100):
        async with database() as work:
            await work.leads.add_new(
                [
                    replace(a_lead(email=f"lead{n}@example.com"), notes=NOTES)
                    for n in range(start, start + 100)
                ]
            )
    await database.close()


@pytest.fixture(scope="module")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("export")
    url = f"sqlite:///{folder}/crm.db"
    filled(url, folder)
    return url


@pytest.fixture
def served(sqlite_url: str, tmp_path: Path) -> Iterator[Process]:
    with running("serve", environ_of(sqlite_url), tmp_path) as process:
        yield process


@contextmanager
def begun(client: httpx.Client) -> Iterator[Iterator[bytes]]:
    """An export whose first bytes have come."""
    with client.stream("GET", "/leads/export", params={"format": "ndjson"}) as response:
        assert response.status_code == 200
        chunks = response.iter_raw()
        yield chain([next(chunks)], chunks)


def assert_is_seen_to_be_cut_off(chunks: Iterator[bytes]) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        for _ in chunks:
            pass


def test_an_export_that_nobody_takes_is_cut_off_at_a_stop(served: Process) -> None:
    with api_of(served) as client, begun(client) as chunks:
        started = time.monotonic()

        assert served.stop() == 0

        assert time.monotonic() - started < STOP_SECONDS
        assert "a download was cut off" in served.log.read_text()
        assert_is_seen_to_be_cut_off(chunks)


def test_an_export_that_is_taken_comes_whole_through_a_stop(served: Process) -> None:
    with api_of(served) as client, begun(client) as chunks:
        served.popen.terminate()
        whole = b"".join(chunks)

    assert served.popen.wait(STOP_SECONDS) == 0
    assert whole.count(b"\n") == LEADS


def test_a_database_that_goes_away_cuts_the_export_off(
    own_postgres: OwnPostgres, tmp_path: Path
) -> None:
    filled(own_postgres.url, tmp_path)
    with (
        running("api", environ_of(own_postgres.url), tmp_path) as process,
        api_of(process) as client,
    ):
        with begun(client) as chunks, killed(own_postgres):
            assert_is_seen_to_be_cut_off(chunks)
        with killed(own_postgres):
            assert client.get("/leads/export").status_code == 503

        eventually(lambda: client.get("/leads").status_code == 200)
        assert client.get("/leads/export?format=ndjson").content.count(b"\n") == LEADS


def test_no_more_exports_run_at_once_than_there_is_room_for(served: Process) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(api_of(served)) for _ in range(AT_ONCE + 1)]
        *busy, late = clients
        readers = [stack.enter_context(ExitStack()) for _ in busy]
        for client, reader in zip(busy, readers, strict=True):
            reader.enter_context(begun(client))

        refused = late.get("/leads/export")
        assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-exports")
        assert int(refused.headers["retry-after"]) > 0
        assert late.get("/leads?limit=1").status_code == 200

        readers[0].close()
        eventually(lambda: late.get("/leads/export?status=converted").status_code == 200, seconds=5)
