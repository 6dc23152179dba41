"""Fetch leads from a source: start a run, or join the open one, and see it through.

A run is a row like a summary run, so a scheduler that is started twice, or killed, neither
repeats a slot nor loses one.
"""

import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.merge_leads import MergeLeads
from application.ports import Bell, Clock, Ids, JobQueue, UnitsOfWork
from application.receipts import NO_RECEIPT, Receipt
from domain.errors import LeadSourceFailed, UnknownLeadSource
from domain.incoming import IncomingLead
from domain.ports import LeadSource
from domain.summary import LeaseToken
from domain.sync import SyncCounts, SyncError, SyncRun, SyncRunId

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StartSync:
    unit_of_work: UnitsOfWork
    jobs: JobQueue
    clock: Clock
    ids: Ids
    sources: Mapping[str, LeadSource]

    async def __call__(
        self,
        source: str | None = None,
        slot: datetime | None = None,
        receipt: Receipt = NO_RECEIPT,
    ) -> SyncRun:
        """The run of this source (the first configured one unless named), new or joined.

        `slot` is the scheduled time; a slot that had its run gets no second one.
        """
        name = next(iter(self.sources)) if source is None else source
        if name not in self.sources:
            raise UnknownLeadSource(name, tuple(self.sources))
        now = self.clock.now()
        wanted = SyncRun(id=SyncRunId(self.ids.new()), source=name, slot=slot, created_at=now)

        async with self.unit_of_work() as work:
            await receipt.claim(work)
            run = await work.sync_runs.add(wanted)
            await receipt.keep(work, run)

        if run.id == wanted.id:
            await self.jobs.ring(Bell.SYNCS)
        return run


@dataclass(frozen=True, slots=True)
class RunSyncs:
    unit_of_work: UnitsOfWork
    merge_leads: MergeLeads
    clock: Clock
    ids: Ids
    sources: Mapping[str, LeadSource]

    async def claim(
        self,
        limit: int,
        lease: timedelta,
        beside: Collection[SyncRun] = (),  # noqa: ARG002 - a sync is held alone
    ) -> Sequence[SyncRun]:
        async with self.unit_of_work() as work:
            return await work.sync_runs.claim(LeaseToken(self.ids.new()), lease, limit)

    async def renew(self, runs: Collection[SyncRun], lease: timedelta) -> set[SyncRunId]:
        async with self.unit_of_work() as work:
            return await work.sync_runs.renew({run.claim for run in runs}, lease)

    async def give_back(self, run: SyncRun) -> None:
        async with self.unit_of_work() as work:
            await work.sync_runs.settle(run.given_back(), run.claim)

    async def perform(self, run: SyncRun) -> None:
        """Fetch and merge batch by batch; rows merged before a failure stay."""
        counts, error = SyncCounts(), None
        try:
            async for batch in self._offered(run):
                counts += await self.merge_leads(run.source, batch)
        except LeadSourceFailed as failure:
            error = SyncError(failure.type, failure.detail)
        if error is None and counts.fetched == 0:
            error = SyncError("empty", "the source answered and offered no one")
        elif error is None and counts.invalid == counts.fetched:
            error = SyncError("empty", "not one of the rows makes a lead")

        ended = run.ended(counts, error, self.clock.now())
        async with self.unit_of_work() as work:
            await work.sync_runs.settle(ended, run.claim)
        log.info("sync ended", extra={"run": str(run.id), "state": ended.state.value})

    async def _offered(self, run: SyncRun) -> AsyncIterator[Sequence[IncomingLead]]:
        """A defect in an adapter is a source that failed, not a crashed worker."""
        try:
            async for batch in self._source(run).fetch():
                yield batch
        except LeadSourceFailed:
            raise
        except Exception as error:
            log.exception("the lead source broke its contract")
            raise LeadSourceFailed("internal", type(error).__name__) from error

    def _source(self, run: SyncRun) -> LeadSource:
        if run.is_poisonous:
            raise LeadSourceFailed("internal", f"{run.crashes} workers died holding this run")
        if run.source not in self.sources:
            raise LeadSourceFailed("internal", "this source is not configured any more")
        return self.sources[run.source]
