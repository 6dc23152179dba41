"""Those who wait for a run, while the database comes and goes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.system import SystemClock
from application.await_run import AwaitRun, FollowRun
from application.ports import UnitOfWork
from application.run_watch import RunWatch
from domain.errors import DatabaseUnavailable
from domain.summary import RunState, SummaryRun
from tests.builders import NOW, a_lead, a_run
from tests.contracts.databases.recording import a_token, requested, stored
from tests.turns import until

LEASE = timedelta(seconds=15)


class Comings:
    """A database that fails as the test says, and counts how often it was asked."""

    def __init__(self) -> None:
        self.database = MemoryDatabase(SystemClock())
        self.failure: Exception | None = None
        self.asked = 0

    @asynccontextmanager
    async def __call__(self, *, reads_only: bool = False) -> AsyncIterator[UnitOfWork]:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        async with self.database(reads_only=reads_only) as work:
            yield work

    async def pending(self) -> SummaryRun:
        return await requested(self.database, await stored(self.database))

    async def claimed(self) -> SummaryRun:
        async with self.database() as work:
            return (await work.summary_runs.claim(a_token(), LEASE, 1))[0]


@pytest.fixture
def database() -> Comings:
    return Comings()


@pytest.fixture
async def watch(database: Comings) -> AsyncIterator[RunWatch]:
    watch = RunWatch(database, tick=timedelta(milliseconds=25))
    yield watch
    await watch.close()


async def test_who_waits_is_answered_in_time_without_a_database(
    database: Comings, watch: RunWatch
) -> None:
    run = await database.pending()
    database.failure = DatabaseUnavailable("restarting")

    answer = await asyncio.wait_for(AwaitRun(watch)(run, 0.2, ()), 5)

    assert answer == run
    assert database.asked > 1


@pytest.mark.parametrize("failure", [DatabaseUnavailable("restarting"), ZeroDivisionError()])
async def test_an_outage_during_a_wait_does_not_prolong_it(
    database: Comings, watch: RunWatch, failure: Exception
) -> None:
    run = await database.pending()
    database.failure = failure
    waiting = asyncio.create_task(watch.progress(run, 30, ()))
    await until(lambda: database.asked > 1)

    held = await database.claimed()
    database.failure = None

    assert await asyncio.wait_for(waiting, 5) == held


async def test_who_follows_goes_on_once_the_database_is_back(
    database: Comings, watch: RunWatch
) -> None:
    run = await database.pending()
    follow = FollowRun(watch, heartbeat=timedelta(milliseconds=50))(run, ())
    database.failure = DatabaseUnavailable("restarting")

    silent = await anext(follow)
    database.failure = None
    held = await database.claimed()
    told = [await anext(follow)]
    while told[-1] is None:
        told.append(await anext(follow))

    assert silent is None
    assert told[-1] == held


async def test_a_renewed_lease_is_no_progress(database: Comings, watch: RunWatch) -> None:
    await database.pending()
    held = await database.claimed()
    waiting = asyncio.create_task(watch.progress(held, 0.2, ()))
    await until(lambda: watch.waiting)

    async with database.database() as work:
        await work.summary_runs.renew({held.claim}, LEASE * 2)

    assert await waiting is None


async def test_nobody_is_asked_where_nobody_waits(database: Comings, watch: RunWatch) -> None:
    ended = a_run(a_lead(), state=RunState.FAILED, finished_at=NOW)
    await AwaitRun(watch)(ended, 30, ())
    assert database.asked == 0

    await AwaitRun(watch)(await database.pending(), 0.05, ())
    await until(lambda: watch._looking is not None and watch._looking.done())


async def test_a_change_in_this_process_is_seen_before_the_next_look(database: Comings) -> None:
    watch = RunWatch(database, tick=timedelta(hours=1))
    waiting = asyncio.create_task(watch.progress(await database.pending(), 30, ()))
    await until(lambda: watch.waiting)

    held = await database.claimed()
    watch.look_soon()

    assert await asyncio.wait_for(waiting, 5) == held
    await watch.close()
