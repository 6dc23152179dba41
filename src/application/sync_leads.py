"""Fetch leads from a source: start a run, or join the open one, and see it through.

A run is a row like a summary run, so a scheduler that is started twice, or killed, neither
repeats a slot nor loses one.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.changed_leads import ChangedLeads, only_changed
from application.checked_rows import CheckedRows, checked_ahead
from application.import_leads import Uploaded
from application.merge_leads import Merged, MergeLeads
from application.ports import Bell, Clock, Ids, JobQueue, UnitOfWork, UnitsOfWork
from application.quarantine import Quarantined
from application.receipts import NO_RECEIPT, Receipt
from domain.errors import DatabaseUnavailable, LeadSourceFailed, UnknownLeadSource
from domain.incoming import IncomingLead
from domain.ports import LeadSource, UploadReader
from domain.quarantine import QuarantinedRow, quarantined
from domain.summary import LeaseToken
from domain.sync import SyncError, SyncRun, SyncRunId

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

        `slot` is the scheduled time; a slot that had its run gets no second one, and one that
        comes while another run of the source is open is skipped, and kept as such.
        """
        name = next(iter(self.sources)) if source is None else source
        if name not in self.sources:
            raise UnknownLeadSource(name, tuple(self.sources))
        now = self.clock.now()
        wanted = SyncRun(id=SyncRunId(self.ids.new()), source=name, slot=slot, created_at=now)

        async with self.unit_of_work() as work:
            await receipt.claim(work)
            run = await work.sync_runs.add(wanted)
            if slot is not None and run.slot != slot:
                run = await work.sync_runs.add(wanted.skipped(run, now))
            await receipt.keep(work, run)

        if run.id == wanted.id and run.state.is_open:
            await self.jobs.ring(Bell.SYNCS)
        return run


class _Overtaken(Exception):
    """The run's lease is another's."""


@dataclass(frozen=True, slots=True)
class RunSyncs:
    unit_of_work: UnitsOfWork
    merge_leads: MergeLeads
    clock: Clock
    ids: Ids
    sources: Mapping[str, LeadSource]
    read_upload: UploadReader

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
            # it may have advanced since it was claimed
            held = await work.sync_runs.get(run.id) or run
            await work.sync_runs.settle(held.given_back(), run.claim)

    async def perform(self, run: SyncRun) -> None:
        """Fetch and merge batch by batch; rows merged before a failure stay.

        Rejected rows are kept in the transaction of the run's end: a run that starts over, as its
        worker died, has left none behind. One that goes on keeps those of each batch with it.
        """
        progress, error, rejects = run, None, list[QuarantinedRow]()
        may_be_empty = False
        try:
            source = await only_changed(self._source(run), self.unit_of_work)
            may_be_empty = isinstance(source, ChangedLeads)
            async with aclosing(checked_ahead(run.source, _offered(source))) as batches:
                async for batch in batches:
                    if run.goes_on:
                        progress = await self._advanced(progress, batch)
                        continue
                    merge = self.merge_leads.foretell if run.dry_run else self.merge_leads
                    merged = await merge(run.source, batch)
                    rows = await asyncio.to_thread(quarantined, merged.rejects, len(rejects))
                    progress = progress.advanced(merged.counts, len(rows))
                    rejects += rows
        except LeadSourceFailed as failure:
            error = SyncError(failure.type, failure.detail)
        except _Overtaken:
            log.warning("a run was left to who holds it now", extra={"run": str(run.id)})
            return
        if error is None and (why := _why_empty(progress, may_be_empty=may_be_empty)):
            error = SyncError("empty", why)

        ended = run.ended(
            progress.counts, error, self.clock.now(), rejects_kept=progress.rejects_kept
        )
        async with self.unit_of_work() as work:
            if await work.sync_runs.settle(ended, run.claim):
                await work.rejects.keep(run.id, rejects)
                if run.upload:
                    await work.staged.drop(run.id)
        log.info("sync ended", extra={"run": str(run.id), "state": ended.state.value})

    async def _advanced(self, run: SyncRun, batch: CheckedRows) -> SyncRun:
        """Merge one batch, and write how far the run is with it, in one transaction."""
        ahead = run

        async def keep(work: UnitOfWork, merged: Merged) -> None:
            nonlocal ahead
            rows = await asyncio.to_thread(quarantined, merged.rejects, run.rejects_kept)
            ahead = run.advanced(merged.counts, len(rows))
            if not await work.sync_runs.advance(ahead, run.claim):
                raise _Overtaken
            await work.rejects.keep(run.id, rows)

        await self.merge_leads(run.source, batch, keep)
        return ahead

    def _source(self, run: SyncRun) -> LeadSource:
        if run.is_poisonous:
            raise LeadSourceFailed("internal", f"{run.crashes} workers died holding this run")
        if run.retried_from:
            return Quarantined(self.unit_of_work, run.source, run.retried_from)
        if run.upload:
            return Uploaded(self.unit_of_work, run, run.upload, self.read_upload)
        if run.source not in self.sources:
            raise LeadSourceFailed("internal", "this source is not configured any more")
        return self.sources[run.source]


async def _offered(source: LeadSource) -> AsyncIterator[Sequence[IncomingLead]]:
    """A defect in an adapter is a source that failed, not a crashed worker."""
    try:
        async for batch in source.fetch():
            yield batch
    except (LeadSourceFailed, DatabaseUnavailable):
        raise
    except Exception as error:
        log.exception("the lead source broke its contract")
        raise LeadSourceFailed("internal", type(error).__name__) from error


def _why_empty(run: SyncRun, *, may_be_empty: bool) -> str | None:
    """None for a run that was offered somebody of use; a retry need not be."""
    if run.counts.fetched == 0 and may_be_empty:
        return None
    if run.counts.fetched == 0 and run.retried_from:
        return "nothing was left in quarantine"
    if run.counts.fetched == 0:
        return "the file holds no row" if run.upload else "the source answered and offered no one"
    if run.counts.invalid == run.counts.fetched and not run.retried_from:
        return "not one of the rows makes a lead"
    return None
