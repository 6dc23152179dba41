"""Taking in one lead, in memory."""

from adapters.databases.memory.history import MemoryTimeline
from adapters.databases.memory.leads import MemoryLeads
from adapters.databases.memory.suppressions import MemorySuppressions
from application.in_turn import take_in_in_turn
from application.ports import Intake
from domain.lead import Lead
from domain.timeline import Event


class MemoryIntake(Intake):
    def __init__(
        self, leads: MemoryLeads, suppressed: MemorySuppressions, timeline: MemoryTimeline
    ) -> None:
        self._leads = leads
        self._suppressed = suppressed
        self._timeline = timeline

    async def take_in(self, lead: Lead, event: Event) -> None:
        await take_in_in_turn(self._leads, self._suppressed, self._timeline, lead, event)
