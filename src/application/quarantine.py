"""Look at the rows that a sync rejected, offer them once more, and forget them in time."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from application.ports import Bell, Clock, Ids, JobQueue, UnitsOfWork
from application.receipts import NO_RECEIPT, Receipt
from domain.errors import SyncRunNotFound, SyncRunOpen, SyncRunWithoutRejects
from domain.incoming import IncomingLead
from domain.ports import LeadSource
from domain.quarantine import QuarantinedRow
from domain.sync import SyncRun, SyncRunId

KEPT = timedelta(days=30)
BATCH = 500


@dataclass(frozen=True, slots=True)
class ListRejects:
    unit_of_work: UnitsOfWork

    async def __call__(
        self, run_id: SyncRunId, limit: int, after: int = 0
    ) -> Sequence[QuarantinedRow]:
        """By position, strictly after this one; SyncRunNotFound."""
        async with self.unit_of_work(reads_only=True) as work:
            rows = await work.rejects.page(run_id, limit, after)
            if not rows and await work.sync_runs.get(run_id) is None:
                raise SyncRunNotFound(run_id)
        return rows


@dataclass(frozen=True, slots=True)
class RetryRejects:
    unit_of_work: UnitsOfWork
    jobs: JobQueue
    clock: Clock
    ids: Ids

    async def __call__(self, run_id: SyncRunId, receipt: Receipt = NO_RECEIPT) -> SyncRun:
        """A run of the same source over what this one has in quarantine; an open one is joined.

        SyncRunNotFound; SyncRunOpen if this run, or another one of its source, is not at its end;
        SyncRunWithoutRejects if no whole row is kept.
        """
        async with self.unit_of_work() as work:
            await receipt.claim(work)
            tried = await work.sync_runs.get(run_id)
            if tried is None:
                raise SyncRunNotFound(run_id)
            if tried.state.is_open:
                raise SyncRunOpen(run_id)
            if not await work.rejects.page(run_id, 1, whole_only=True):
                raise SyncRunWithoutRejects(run_id)
            wanted = SyncRun(
                id=SyncRunId(self.ids.new()),
                source=tried.source,
                retried_from=run_id,
                dry_run=tried.dry_run,
                created_at=self.clock.now(),
            )
            run = await work.sync_runs.add(wanted)
            if run.retried_from != run_id:
                raise SyncRunOpen(run.id)
            await receipt.keep(work, run)

        if run.id == wanted.id:
            await self.jobs.ring(Bell.SYNCS)
        return run


@dataclass(frozen=True, slots=True)
class Quarantined(LeadSource):
    """Offers what a run of a source has in quarantine; rows that were cut cannot be offered."""

    unit_of_work: UnitsOfWork
    source: str
    run_id: SyncRunId

    @property
    def name(self) -> str:
        return self.source

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        after = 0
        while rows := await self._rows(after):
            yield [IncomingLead(row.row) for row in rows]
            after = rows[-1].position

    async def _rows(self, after: int) -> Sequence[QuarantinedRow]:
        async with self.unit_of_work(reads_only=True) as work:
            return await work.rejects.page(self.run_id, BATCH, after, whole_only=True)


@dataclass(frozen=True, slots=True)
class PurgeRejects:
    unit_of_work: UnitsOfWork

    async def __call__(self, runs: int) -> int:
        """Forget the rows of up to so many runs whose time is over; how many runs they were."""
        async with self.unit_of_work() as work:
            return await work.rejects.purge(KEPT, runs)
