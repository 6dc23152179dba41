"""When each source was last read, and slots that come while a run of their source is open."""

from datetime import timedelta

from adapters.system import SystemClock
from domain.sync import SyncError
from tests.builders import NOW, a_sync
from tests.contracts.databases.recording import Database, sync_of
from tests.contracts.databases.rejects import ended_with
from tests.contracts.databases.sync_runs import claim_sync, end, started


class SyncSlotsContract:
    async def test_a_source_was_read_when_its_last_run_succeeded(self, database: Database) -> None:
        for source, ago in (("file", 9), ("file", 5), ("json", 7)):
            await ended_with(database, [], timedelta(hours=ago), source)

        async with database(reads_only=True) as work:
            found = await work.sync_runs.last_successes()

        ages = {source: SystemClock().now() - at for source, at in found.items()}
        assert {source: round(age / timedelta(hours=1)) for source, age in ages.items()} == {
            "file": 5, "json": 7,
        }  # fmt: skip

    async def test_a_read_began_when_the_last_run_that_succeeded_did(
        self, database: Database
    ) -> None:
        for source in ("file", "file", "json"):
            await started(database, source=source)
            (held,) = await claim_sync(database)
            await end(database, held)
            if source == "file":
                last = await sync_of(database, held)
        await started(database, source="file")
        (failed,) = await claim_sync(database)
        await end(database, failed, SyncError("timeout", "too late"))

        async with database(reads_only=True) as work:
            assert await work.sync_runs.last_read_began("file") == last.started_at
            assert await work.sync_runs.last_read_began("web") is None

    async def test_neither_failures_nor_retries_are_successes(self, database: Database) -> None:
        run = await started(database)
        (held,) = await claim_sync(database)
        await end(database, held, SyncError("empty", "nobody"))
        await started(database, retried_from=run.id)
        (held,) = await claim_sync(database)
        await end(database, held)
        await started(database)

        async with database(reads_only=True) as work:
            assert await work.sync_runs.last_successes() == {}
            assert await work.sync_runs.last_read_began(run.source) is None

    async def test_a_slot_may_be_skipped_beside_an_open_run_and_is_had_then(
        self, database: Database
    ) -> None:
        standing = await started(database)
        skipped = a_sync(slot=NOW).skipped(standing, NOW)

        async with database() as work:
            assert await work.sync_runs.add(skipped) == skipped

        assert await sync_of(database, skipped) == skipped
        assert (await started(database, slot=NOW)).id == skipped.id
        assert [run.id for run in await claim_sync(database)] == [standing.id]
