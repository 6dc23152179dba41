"""When each source was last read: asked seldom, never waited for, and known for what it is."""

import asyncio
from datetime import datetime

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.databases.memory.sync_runs import MemorySyncRuns
from adapters.system import SystemClock
from application import last_syncs
from application.last_syncs import FRESH_SECONDS, LastSyncs
from domain.errors import DatabaseUnavailable
from tests.contracts.databases.rejects import ended_with


class Watch:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase(SystemClock())


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def last(database: MemoryDatabase, watch: Watch) -> LastSyncs:
    return LastSyncs(database, ("file", "json"), watch)


async def test_a_source_that_was_never_read_is_told_as_such(
    database: MemoryDatabase, last: LastSyncs
) -> None:
    run = await ended_with(database, [], source="file")
    await ended_with(database, [], source="configured no more")

    assert await last() == {"file": run.finished_at, "json": None}


async def test_the_database_is_asked_every_few_seconds_at_most(
    database: MemoryDatabase, last: LastSyncs, watch: Watch
) -> None:
    nothing = {"file": None, "json": None}
    assert await last() == nothing
    run = await ended_with(database, [], source="file")

    watch.now += FRESH_SECONDS - 0.1
    assert await last() == nothing
    watch.now += 0.1

    assert await last() == {"file": run.finished_at, "json": None}


async def test_while_the_database_is_away_nothing_is_said_and_then_it_is_asked_at_once(
    last: LastSyncs, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> dict[str, datetime]:
        raise DatabaseUnavailable

    await last()
    watch.now += FRESH_SECONDS
    with monkeypatch.context() as patch:
        patch.setattr(MemorySyncRuns, "last_successes", away)
        assert await last() is None

    assert await last() == {"file": None, "json": None}


async def test_an_answer_that_does_not_come_is_not_waited_for(
    last: LastSyncs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_: object) -> dict[str, datetime]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(MemorySyncRuns, "last_successes", hang)
    monkeypatch.setattr(last_syncs, "DEADLINE_SECONDS", 0.01)

    async with asyncio.timeout(5):
        assert await last() is None
