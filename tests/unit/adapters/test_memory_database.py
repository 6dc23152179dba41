"""The memory database keeps every database's promises."""

from datetime import datetime, timedelta

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.system import SystemClock
from application.ports import Clock
from domain.errors import DatabaseUnavailable
from tests.builders import NOW, a_run
from tests.contracts.databases import DatabaseContract
from tests.contracts.databases.recording import RecordingHook, a_token, stored


class TestMemoryDatabase(DatabaseContract):
    adapter = "databases.memory"

    @pytest.fixture
    def hook(self) -> RecordingHook:
        return RecordingHook()

    @pytest.fixture
    def database(self, hook: RecordingHook) -> MemoryDatabase:
        return MemoryDatabase(SystemClock(), hook)


class MovableClock(Clock):
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


async def test_leases_lapse_by_the_clock_that_it_is_given() -> None:
    clock = MovableClock()
    database = MemoryDatabase(clock)
    lead = await stored(database)
    lease = timedelta(seconds=15)
    async with database() as work:
        await work.summary_runs.add(a_run(lead))
        await work.summary_runs.claim(a_token(), lease, 1)

    clock.time += lease - timedelta(microseconds=1)
    async with database() as work:
        before = await work.summary_runs.claim(a_token(), lease, 1)
    clock.time += timedelta(microseconds=1)
    async with database() as work:
        (taken,) = await work.summary_runs.claim(a_token(), lease, 1)

    assert (list(before), taken.crashes) == ([], 1)


async def test_a_writer_does_not_wait_for_ever() -> None:
    database = MemoryDatabase(SystemClock(), busy_seconds=0.01)

    async with database():
        with pytest.raises(DatabaseUnavailable):
            await stored(database)
