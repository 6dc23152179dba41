"""Rows in quarantine: kept with the run's end, by their positions, and not for ever."""

from collections.abc import Sequence
from datetime import timedelta

from adapters.system import SystemClock
from application.ports import UnitsOfWork
from domain.quarantine import QuarantinedRow
from domain.sync import SyncCounts, SyncRun, SyncRunId
from tests.contracts.databases.recording import Database, sync_of
from tests.contracts.databases.sync_runs import claim_sync, started

ROWS = [
    QuarantinedRow(1, {"name": "Ada", "email": "ada\x00"}, ("email: not an address",)),
    QuarantinedRow(2, {"(cut)": '{"name": "aaa'}, ("name: too long",), is_whole=False),
    QuarantinedRow(3, {}, ("name: required", "email: required")),
    QuarantinedRow(4, {"tags": ["é", 1.5, None, {"a": 2**62}]}, ("ambiguous",)),
]
KEPT = timedelta(days=30)


async def quarantine_of(
    database: UnitsOfWork, run_id: SyncRunId, limit: int = 10, after: int = 0, **but: bool
) -> list[QuarantinedRow]:
    async with database(reads_only=True) as work:
        return list(await work.rejects.page(run_id, limit, after, **but))


async def ended_with(
    database: UnitsOfWork,
    rows: Sequence[QuarantinedRow],
    ago: timedelta = timedelta(0),
    source: str = "randomuser",
) -> SyncRun:
    """A run that came to its end so long ago, with these rows in quarantine."""
    await started(database, source=source)
    (held,) = await claim_sync(database)
    ended = held.ended(SyncCounts(), None, SystemClock().now() - ago, rejects_kept=len(rows))
    async with database() as work:
        assert await work.sync_runs.settle(ended, held.claim)
        await work.rejects.keep(held.id, rows)
    return ended


class RejectsContract:
    async def test_rows_come_back_as_they_were_kept(self, database: Database) -> None:
        run = await ended_with(database, ROWS)

        assert await quarantine_of(database, run.id) == ROWS
        assert (await sync_of(database, run)).rejects_kept == len(ROWS)

    async def test_a_page_goes_on_after_a_position(self, database: Database) -> None:
        run = await ended_with(database, ROWS)

        assert await quarantine_of(database, run.id, 2) == ROWS[:2]
        assert await quarantine_of(database, run.id, 2, after=2) == ROWS[2:]
        assert await quarantine_of(database, run.id, 2, after=4) == []

    async def test_rows_that_were_cut_can_be_left_out(self, database: Database) -> None:
        run = await ended_with(database, ROWS)

        whole = await quarantine_of(database, run.id, 2, whole_only=True)

        assert whole == [ROWS[0], ROWS[2]]

    async def test_each_run_has_its_own(self, database: Database) -> None:
        one, other = await ended_with(database, ROWS[:1]), await ended_with(database, ROWS[:2])
        none = await ended_with(database, [])

        assert await quarantine_of(database, one.id) == ROWS[:1]
        assert await quarantine_of(database, other.id) == ROWS[:2]
        assert await quarantine_of(database, none.id) == []

    async def test_a_thousand_rows_of_eight_kilobytes_are_kept(self, database: Database) -> None:
        row = {"name": "a" * 8000}
        many = [QuarantinedRow(n, row, ("name: too long",)) for n in range(1, 1001)]

        run = await ended_with(database, many)

        assert await quarantine_of(database, run.id, 2000) == many

    async def test_rows_are_forgotten_when_their_time_is_over(self, database: Database) -> None:
        second = timedelta(seconds=60)
        old = await ended_with(database, ROWS, KEPT + second)
        young = await ended_with(database, ROWS, KEPT - second)
        await started(database)

        async with database() as work:
            gone = [await work.rejects.purge(KEPT, 10), await work.rejects.purge(KEPT, 10)]

        assert gone == [1, 0]
        assert await quarantine_of(database, old.id) == []
        assert (await sync_of(database, old)).rejects_kept == 0
        assert await quarantine_of(database, young.id) == ROWS
        assert (await sync_of(database, young)).rejects_kept == len(ROWS)

    async def test_so_many_runs_are_forgotten_at_once(self, database: Database) -> None:
        for _ in range(3):
            await ended_with(database, ROWS, KEPT * 2)

        gone = []
        for _ in range(3):
            async with database() as work:
                gone.append(await work.rejects.purge(KEPT, 2))

        assert gone == [2, 1, 0]

    async def test_which_run_a_retry_is_of_is_kept(self, database: Database) -> None:
        run = await ended_with(database, ROWS)

        retry = await started(database, retried_from=run.id)

        assert (await sync_of(database, retry)).retried_from == run.id
