"""Refuse what no AI may be paid for today, instead of promising a summary for tomorrow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.ports import UnitOfWork
from application.spending import Spending
from domain.budget import day_of, end_of
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
        """AiBudgetExhausted if today has no room for one more call about any of these leads.

        About the first for which an AI is to be asked, to be exact; for the others see their runs.
        """
        caps, now = self.spending.caps, self.spending.clock.now()
        paid = [link for link in self.links.values() if isinstance(link, Paid)]
        if (caps.micros is None and caps.calls is None) or len(paid) < len(self.links):
            return
        asked = [
            lead for lead in leads if lead.activities or not SummaryInput(lead.facts).is_sparse
        ]
        if not asked:
            return
        known = SummaryInput(asked[0].facts)
        usage = await work.ai_budget.usage(day_of(now))
        worst = [self.spending.worst_micros(p.model, p.worst_case(known)) for p in paid]
        if not any(usage.has_room(micros, caps) for micros in worst):
            raise AiBudgetExhausted(end_of(usage.day) - now)
