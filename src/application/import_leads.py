"""Import a file of leads: stage it in the database while it comes in, then run over it.

The run is added with the last piece, so that nobody begins with half of a file; what a broken
upload leaves behind is forgotten after a day.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import BufferedReader
from itertools import islice

from application.pauses import pausing
from application.ports import Bell, Clock, Ids, JobQueue, UnitsOfWork
from application.staged_file import StagedFile, chunks_of
from domain.incoming import IncomingLead
from domain.ports import LeadSource, UploadReader
from domain.sync import SyncRun, SyncRunId
from domain.upload import IMPORT, Upload

PER_TRANSACTION = 8
"""Chunks: 2 MiB are held in memory at most, and a little more."""
BATCH = 2_000
"""Rows."""
LEFT_OVER = timedelta(days=1)
"""Longer than any upload takes."""


@dataclass(frozen=True, slots=True)
class ImportLeads:
    unit_of_work: UnitsOfWork
    jobs: JobQueue
    clock: Clock
    ids: Ids

    async def __call__(
        self,
        pieces: AsyncIterable[bytes],
        upload: Upload,
        source: str = IMPORT,
        *,
        dry_run: bool = False,
    ) -> SyncRun:
        """The run over these bytes, which are then durable; whatever they raise goes on."""
        run = SyncRun(
            id=SyncRunId(self.ids.new()),
            source=source,
            upload=upload,
            dry_run=dry_run,
            created_at=self.clock.now(),
        )
        first, held = 0, list[bytes]()
        async for chunk in chunks_of(pieces):
            if len(held) == PER_TRANSACTION:
                async with self.unit_of_work() as work:
                    await work.staged.add(run.id, first, held)
                first += len(held)
                held.clear()
            held.append(chunk)

        async with self.unit_of_work() as work:
            await work.staged.add(run.id, first, held)
            await work.sync_runs.add(run)

        await self.jobs.ring(Bell.SYNCS)
        return run


@dataclass(frozen=True, slots=True)
class Uploaded(LeadSource):
    """Offers the rows of a staged file, but for those that its run has counted already."""

    unit_of_work: UnitsOfWork
    run: SyncRun
    upload: Upload
    read: UploadReader

    @property
    def name(self) -> str:
        return self.run.source

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        file = BufferedReader(StagedFile(self.unit_of_work, self.run.id))
        rows = islice(self.read(file, self.upload), self.run.counts.fetched, None)
        while batch := await asyncio.to_thread(_next_batch, rows):
            yield batch


def _next_batch(rows: Iterator[IncomingLead]) -> list[IncomingLead]:
    return list(pausing(islice(rows, BATCH)))


@dataclass(frozen=True, slots=True)
class PurgeUploads:
    unit_of_work: UnitsOfWork

    async def __call__(self, files: int) -> int:
        """Forget up to so many files that no run will read; how many there were."""
        async with self.unit_of_work() as work:
            return await work.staged.purge(LEFT_OVER, files)
