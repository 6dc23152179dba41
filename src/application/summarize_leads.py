"""Ask for the summaries of many leads: set by set, in one transaction, and none of them twice.

Whose run is open is joined, and whose summary is still true is left alone; for the others runs are
added and their leads marked, as if each had been asked for by itself.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from application.ai_gate import AiGate
from application.one_at_a_time import OneAtATime
from application.ports import Bell, Clock, Ids, JobQueue, UnitOfWork, UnitsOfWork
from application.receipts import NO_RECEIPT, Receipt
from application.true_summaries import true_summaries
from domain.bulk_summary import BulkRequest, BulkStatus, BulkSummary, BulkSummaryId
from domain.errors import BulkSummaryNotFound
from domain.lead import Lead, LeadId
from domain.lead_list import LeadSort
from domain.ports import Position
from domain.summary import SummaryRun, SummaryRunId


@dataclass(frozen=True, slots=True)
class SummarizeLeads:
    """One request at a time in each process, as several would want the same leads."""

    unit_of_work: UnitsOfWork
    jobs: JobQueue
    clock: Clock
    ids: Ids
    gate: AiGate
    _turn: OneAtATime = field(default_factory=OneAtATime, init=False)

    async def __call__(self, asked: BulkRequest, receipt: Receipt = NO_RECEIPT) -> BulkStatus:
        """What was found, and how its runs stand; AiBudgetExhausted."""
        async with self._turn(), self.unit_of_work() as work:
            await receipt.claim(work)
            status = await self._perform(work, asked)
            await receipt.keep(work, status)

        if status.bulk.queued:
            await self.jobs.ring(Bell.SUMMARIES)
        return status

    async def _perform(self, work: UnitOfWork, asked: BulkRequest) -> BulkStatus:
        found = await work.leads.page(asked.limit + 1, asked.after, asked.wanted)
        page = found[: asked.limit]
        wanted = [lead for lead in page if lead.stale or not asked.only_stale]

        open_runs = await work.summary_runs.open_of([lead.id for lead in wanted])
        done = {run.lead_id for run in open_runs}
        if not asked.force:
            done |= set(await true_summaries(work, wanted))
        needy = [lead for lead in wanted if lead.id not in done]
        unchanged = len(wanted) - len(needy) - len(open_runs)
        queued, met, spared = await self._queue(work, needy, force=asked.force)

        bulk = BulkSummary(
            id=BulkSummaryId(self.ids.new()),
            wanted=asked.wanted,
            queued=len(queued),
            joined=len(open_runs) + len(met),
            unchanged=unchanged + spared,
            rest=_place(page[-1]) if len(found) > len(page) else None,
            created_at=self.clock.now(),
        )
        runs = [*queued, *met, *open_runs]
        await work.bulk_summaries.add(bulk, [run.id for run in runs])
        return BulkStatus(bulk, Counter(run.state for run in runs))

    async def _queue(
        self, work: UnitOfWork, needy: Sequence[Lead], *, force: bool
    ) -> tuple[Sequence[SummaryRun], Sequence[SummaryRun], int]:
        """The new runs of these leads, those that others opened meanwhile, and how many leads
        have got their summary meanwhile.
        """
        held = await work.leads.hold_these([lead.id for lead in needy])
        true = {} if force else await true_summaries(work, held)
        now = self.clock.now()
        news = [
            SummaryRun(id=SummaryRunId(self.ids.new()), lead_id=lead.id, created_at=now)
            for lead in held
            if lead.id not in true
        ]
        added = await work.summary_runs.add_new(news)
        queued = [run for run in news if run.id in added]
        met = await work.summary_runs.open_of(
            [LeadId(run.lead_id) for run in news if run.id not in added]
        )
        asked_for = {run.lead_id for run in queued}
        waiting = [lead for lead in held if lead.id in asked_for]
        await self.gate.check(work, waiting)
        await work.leads.save_all([lead.awaiting_summary(now) for lead in waiting])
        return queued, met, len(true)


@dataclass(frozen=True, slots=True)
class GetBulkSummary:
    unit_of_work: UnitsOfWork

    async def __call__(self, bulk_id: BulkSummaryId) -> BulkStatus:
        """How it stands now; BulkSummaryNotFound."""
        async with self.unit_of_work(reads_only=True) as work:
            bulk = await work.bulk_summaries.get(bulk_id)
            if bulk is None:
                raise BulkSummaryNotFound(bulk_id)
            return BulkStatus(bulk, await work.bulk_summaries.run_states(bulk_id))


def _place(lead: Lead) -> Position:
    return Position(LeadSort.NEWEST.key(lead), lead.id)
