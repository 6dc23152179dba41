"""Staged files: chunks that are there before their run, and are forgotten with it, or in time."""

from datetime import timedelta
from uuid import UUID

import pytest

from adapters.system import UuidV7Ids
from domain.sync import SyncCounts, SyncRunId
from domain.upload import FileFormat, Upload
from tests.builders import NOW, a_sync
from tests.contracts.databases.recording import Database, a_token, sync_of
from tests.contracts.databases.sync_runs import LEASE, claim_sync, started

CHUNKS = [b"first\x00", b"second\xff", b"third"]
UPLOAD = Upload(FileFormat.CSV, {"E-mail": "email"})
ALL_OLD, ALL_NEW = timedelta(0), timedelta(hours=1)
FIRST, SECOND = SyncCounts(fetched=2, created=1, invalid=1), SyncCounts(fetched=1, unchanged=1)


async def staged(database: Database, run_id: UUID | None = None) -> SyncRunId:
    found = SyncRunId(run_id or UuidV7Ids().new())
    async with database() as work:
        await work.staged.add(found, 0, CHUNKS[:2])
    async with database() as work:
        await work.staged.add(found, 2, CHUNKS[2:])
    return found


async def chunks(database: Database, run_id: SyncRunId) -> list[bytes]:
    async with database(reads_only=True) as work:
        return [await work.staged.chunk(run_id, number) for number in range(4)]


async def purged(database: Database, kept: timedelta, files: int = 10) -> int:
    async with database() as work:
        return await work.staged.purge(kept, files)


class StagedContract:
    async def test_chunks_come_back_in_their_places(self, database: Database) -> None:
        run_id = await staged(database)

        assert await chunks(database, run_id) == [*CHUNKS, b""]

    async def test_a_file_is_dropped_alone(self, database: Database) -> None:
        gone, stays = await staged(database), await staged(database)

        async with database() as work:
            await work.staged.drop(gone)

        assert await chunks(database, gone) == [b""] * 4
        assert await chunks(database, stays) == [*CHUNKS, b""]

    async def test_what_a_broken_upload_left_is_forgotten_in_time(self, database: Database) -> None:
        run_id = await staged(database)

        assert await purged(database, ALL_NEW) == 0
        assert await chunks(database, run_id) == [*CHUNKS, b""]
        assert await purged(database, ALL_OLD) == 1
        assert await chunks(database, run_id) == [b""] * 4

    async def test_a_file_stays_for_as_long_as_its_run_is_open(self, database: Database) -> None:
        run = await started(database, upload=UPLOAD)
        await staged(database, run.id)

        waiting = await purged(database, ALL_OLD)
        (held,) = await claim_sync(database)
        running = await purged(database, ALL_OLD)
        async with database() as work:
            await work.sync_runs.settle(held.ended(SyncCounts(), None, NOW), held.claim)
        ended = await purged(database, ALL_OLD)

        assert (waiting, running, ended) == (0, 0, 1)

    async def test_so_many_files_are_forgotten_at_once(self, database: Database) -> None:
        for _ in range(3):
            await staged(database)

        assert [await purged(database, ALL_OLD, 2) for _ in range(3)] == [2, 1, 0]


class UploadRunsContract:
    async def test_runs_over_uploads_stand_beside_each_other_and_beside_a_sync(
        self, database: Database
    ) -> None:
        uploads = [await started(database, upload=UPLOAD) for _ in range(2)]
        sync = await started(database)
        joined = await started(database)

        assert len({run.id for run in (*uploads, sync)}) == 3
        assert joined.id == sync.id

    @pytest.mark.parametrize("dry_run", [True, False])
    async def test_what_a_run_reads_comes_back(self, database: Database, dry_run: bool) -> None:
        run = await started(database, upload=UPLOAD, dry_run=dry_run)

        found = await sync_of(database, run)

        assert (found.upload, found.dry_run) == (UPLOAD, dry_run)

    async def test_a_run_goes_on_with_its_counts_when_its_worker_died(
        self, database: Database
    ) -> None:
        await started(database, upload=UPLOAD)
        (held,) = await claim_sync(database, timedelta(0))
        async with database() as work:
            assert await work.sync_runs.advance(held.advanced(FIRST, 1), held.claim)

        (again,) = await claim_sync(database, timedelta(0))
        async with database() as work:
            assert await work.sync_runs.advance(again.advanced(SECOND, 0), again.claim)
        (last,) = await claim_sync(database)

        assert (again.counts, again.rejects_kept, again.crashes) == (FIRST, 1, 1)
        # whoever advances does not kill its workers
        assert (last.counts, last.rejects_kept, last.crashes) == (FIRST + SECOND, 1, 1)

    async def test_who_lost_the_run_cannot_advance_it(self, database: Database) -> None:
        run = await started(database, upload=UPLOAD)
        (lost,) = await claim_sync(database, timedelta(0))
        await claim_sync(database)

        async with database() as work:
            assert not await work.sync_runs.advance(lost.advanced(FIRST, 1), lost.claim)

        assert (await sync_of(database, run)).counts == SyncCounts()

    async def test_a_lease_is_renewed_as_before(self, database: Database) -> None:
        run = await started(database, upload=UPLOAD)
        (held,) = await claim_sync(database)
        async with database() as work:
            await work.sync_runs.advance(held.advanced(FIRST, 0), held.claim)

        async with database() as work:
            assert await work.sync_runs.renew({held.claim}, LEASE) == {run.id}
            assert await work.sync_runs.claim(a_token(), LEASE, 1) == []

    async def test_an_upload_does_not_say_when_its_source_was_read(
        self, database: Database
    ) -> None:
        await started(database, upload=UPLOAD)
        (held,) = await claim_sync(database)
        async with database() as work:
            await work.sync_runs.settle(held.ended(FIRST, None, NOW), held.claim)

        async with database(reads_only=True) as work:
            assert await work.sync_runs.last_successes() == {}

    async def test_a_dry_run_starts_over(self, database: Database) -> None:
        run = a_sync(upload=UPLOAD, dry_run=True)
        async with database() as work:
            await work.sync_runs.add(run)
        (held,) = await claim_sync(database, timedelta(0))
        async with database() as work:
            await work.sync_runs.advance(held.advanced(FIRST, 0), held.claim)

        (again,) = await claim_sync(database)

        assert again.counts == SyncCounts()
