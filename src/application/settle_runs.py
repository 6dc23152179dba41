"""Write what became of claimed runs, those that end at the same time in one transaction.

Each counts only if its own lease still stands. It may have been paid for, so that a short outage
is waited for.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from application.in_batches import InBatches
from application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from domain.errors import DatabaseUnavailable
from domain.lead import Lead, LeadId
from domain.summary import RunSettlement, RunState, SummaryRun
from domain.timeline import Actor, ActorKind, Event, EventId, EventType

log = logging.getLogger(__name__)

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts to write an outcome; all together less than a lease."""


@dataclass(eq=False, slots=True)
class SettleRuns:
    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids
    pauses: Sequence[float] = PAUSES
    _write: InBatches[RunSettlement, bool] = field(init=False)

    def __post_init__(self) -> None:
        self._write = InBatches(self._write_all)

    async def __call__(self, settlement: RunSettlement) -> None:
        """Write the run and what it means for its lead; DatabaseUnavailable after all pauses."""
        for pause in self.pauses:
            try:
                written = await self._write(settlement)
            except DatabaseUnavailable:
                await asyncio.sleep(pause)
            else:
                break
        else:
            written = await self._write(settlement)
        if not written:
            log.info("a late answer was dropped", extra={"run": str(settlement.run.id)})

    async def _write_all(self, settlements: Sequence[RunSettlement]) -> Sequence[bool]:
        async with self.unit_of_work() as work:
            held = await work.leads.hold_these({LeadId(each.run.lead_id) for each in settlements})
            settled = await work.summary_runs.settle_all(settlements)
            runs = [each.run for each in settlements if each.run.id in settled]
            await self._tell_leads(work, {lead.id: lead for lead in held}, runs)
        return [each.run.id in settled for each in settlements]

    async def _tell_leads(
        self, work: UnitOfWork, leads: dict[LeadId, Lead], runs: Sequence[SummaryRun]
    ) -> None:
        """No lead is told twice, as it has one open run at most."""
        now, changed, events = self.clock.now(), list[Lead](), list[Event]()
        for run in runs:
            lead = leads.get(LeadId(run.lead_id))
            if lead is None or run.state.is_open:
                continue
            if run.state is RunState.SUCCEEDED and run.insight and run.basis:
                changed.append(lead.summarized(run.insight, run.basis, now))
                events.append(
                    Event(
                        id=EventId(self.ids.new()),
                        lead_id=run.lead_id,
                        type=EventType.SUMMARIZED,
                        by=Actor(ActorKind.AI, run.provider or "unknown"),
                        created_at=now,
                        subject=run.id,
                    )
                )
            else:
                changed.append(lead.without_summary(now))
        await work.leads.save_all(changed)
        await work.timeline.add(events)
