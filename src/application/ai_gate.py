"""Refuse what no AI may be paid for today, instead of promising a summary for tomorrow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.ports import UnitOfWork
from application.spending import Spending
from domain.budget import DayUsage, day_of, end_of
from domain.errors import AiBudgetExhausted
from domain.lead import Lead
from domain.ports import Paid, Summarizer
from domain.summary_input import SummaryInput


@dataclass(frozen=True, slots=True)
class AiGate:
    """Open where one of `links` costs nothing, and to leads of which too little is known to ask."""

    spending: Spending
    links: Mapping[str, Summarizer]

    async def check(self, work: UnitOfWork, leads: Sequence[Lead]) -> None:
        """AiBudgetExhausted if there are leads and today has no room for a call about any."""
        if leads and not await self.admitted(work, leads):
            now = self.spending.clock.now()
            raise AiBudgetExhausted(end_of(day_of(now)) - now)

    async def admitted(self, work: UnitOfWork, leads: Sequence[Lead]) -> Sequence[Lead]:
        """Those for a call about which, by itself, today has room."""
        caps = self.spending.caps
        if caps.micros is None and caps.calls is None:
            return leads
        paid = [link for link in self.links.values() if isinstance(link, Paid)]
        if len(paid) < len(self.links):
            return leads
        usage = await work.ai_budget.usage(day_of(self.spending.clock.now()))
        return [lead for lead in leads if self._has_room(lead, paid, usage)]

    def _has_room(self, lead: Lead, paid: Sequence[Paid], usage: DayUsage) -> bool:
        known = SummaryInput(lead.facts)
        if known.is_sparse and not lead.activities:
            return True
        worst = (self.spending.worst_micros(p.model, p.worst_case(known)) for p in paid)
        return any(usage.has_room(micros, self.spending.caps) for micros in worst)
