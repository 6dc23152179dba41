"""Ask for a lead's summary without waiting for it: a row first, then a ring at the door.

The run is committed together with the lead's `processing`, so nothing is lost if the bell
cannot be rung: every worker finds due rows by itself. A second request joins the open run, and
where nothing has moved since the summary was made, its run is the answer: nothing is paid twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.ai_gate import AiGate
from application.in_batches import PATIENCE_SECONDS, InBatches
from application.ports import Bell, Clock, Ids, JobQueue, UnitOfWork, UnitsOfWork
from application.receipts import NO_RECEIPT, Receipt
from application.true_summaries import true_summaries
from domain.errors import LeadNotFound, SummaryRunNotFound, SummaryRunOpen
from domain.lead import Lead, LeadId, SummaryStatus
from domain.summary import SummaryRun, SummaryRunId


@dataclass(frozen=True, slots=True)
class RequestSummary:
    unit_of_work: UnitsOfWork
    jobs: JobQueue
    clock: Clock
    ids: Ids
    gate: AiGate
    _asking: set[LeadId] = field(default_factory=set, init=False)
    """Those that are being asked for at once, in this process."""
    _ask: InBatches[Lead, SummaryRun | None] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ask", InBatches(self._ask_all, patience=PATIENCE_SECONDS))

    async def __call__(
        self, lead_id: LeadId, receipt: Receipt = NO_RECEIPT, *, force: bool = False
    ) -> SummaryRun:
        """The run that will fill the summary, new or already open; LeadNotFound, AiBudgetExhausted.

        The run that has filled it, at its end, where nothing has moved since; a new one all the
        same with `force`.
        """
        run = None
        # of a crowd for one lead all but the first would ask in vain
        if receipt is NO_RECEIPT and lead_id not in self._asking:
            self._asking.add(lead_id)
            try:
                run = await self._asked_at_once(lead_id, force=force)
            finally:
                self._asking.discard(lead_id)
        is_new = run is not None
        if run is None:
            run, is_new = await self._asked(lead_id, receipt, force=force)
        if is_new:
            await self.jobs.ring(Bell.SUMMARIES)
        return run

    async def _asked_at_once(self, lead_id: LeadId, *, force: bool) -> SummaryRun | None:
        """A new run, with all that others ask for meanwhile; None where that takes a closer look.

        It is written only if the lead is as it was read, has no open run, and is held by nobody.
        """
        async with self.unit_of_work(reads_only=True) as work:
            lead = await work.leads.get(lead_id)
        if lead is None or not (force or _needs_one(lead)):
            return None
        return await self._ask(lead)

    async def _ask_all(self, leads: Sequence[Lead]) -> Sequence[SummaryRun | None]:
        now = self.clock.now()
        runs = {
            lead.id: SummaryRun(id=SummaryRunId(self.ids.new()), lead_id=lead.id, created_at=now)
            for lead in leads
        }
        async with self.unit_of_work() as work:
            # an open run would be joined where there is no room for another
            admitted = await self.gate.admitted(work, leads)
            written = await work.requests.ask(
                [(runs[lead.id], lead.awaiting_summary(now)) for lead in admitted]
            )
        return [runs[lead.id] if lead.id in written else None for lead in leads]

    async def _asked(
        self, lead_id: LeadId, receipt: Receipt, *, force: bool
    ) -> tuple[SummaryRun, bool]:
        """The run, and whether it is new."""
        async with self.unit_of_work() as work:
            await receipt.claim(work)
            lead = await work.leads.get(lead_id, for_update=True)
            if lead is None:
                raise LeadNotFound(lead_id)
            run = None if force else (await true_summaries(work, [lead])).get(lead.id)
            is_new = False
            if run is None:
                run, is_new = await self._opened(work, lead)
            await receipt.keep(work, run)
        return run, is_new

    async def _opened(self, work: UnitOfWork, lead: Lead) -> tuple[SummaryRun, bool]:
        """The lead's open run, and whether it is new."""
        now = self.clock.now()
        wanted = SummaryRun(id=SummaryRunId(self.ids.new()), lead_id=lead.id, created_at=now)
        run = await work.summary_runs.add(wanted)
        if run.id != wanted.id:
            return run, False
        await self.gate.check(work, [lead])
        await work.leads.save(lead.awaiting_summary(now))
        return run, True


def _needs_one(lead: Lead) -> bool:
    """Whether no run is open, and none can have made a summary that still stands."""
    match lead.summary_status:
        case SummaryStatus.PROCESSING:
            return False
        case SummaryStatus.READY:
            return lead.stale
    return True


@dataclass(frozen=True, slots=True)
class RequeueSummary:
    unit_of_work: UnitsOfWork
    jobs: JobQueue
    clock: Clock

    async def __call__(
        self, lead_id: LeadId, run_id: SummaryRunId, receipt: Receipt = NO_RECEIPT
    ) -> SummaryRun:
        """The run, pending again with all its attempts; SummaryRunOpen if it is not at its end."""
        async with self.unit_of_work() as work:
            await receipt.claim(work)
            lead = await work.leads.get(lead_id, for_update=True)
            run = await work.summary_runs.get(lead_id, run_id) if lead else None
            if lead is None or run is None:
                raise SummaryRunNotFound(run_id)
            if run.state.is_open:
                raise SummaryRunOpen(run_id)
            run = run.requeued()
            await work.summary_runs.reopen(run)
            await work.leads.save(lead.awaiting_summary(self.clock.now()))
            await receipt.keep(work, run)

        await self.jobs.ring(Bell.SUMMARIES)
        return run
