"""Taking in one lead, in memory."""

from adapters.databases.memory.history import MemoryTimeline
from adapters.databases.memory.leads import MemoryLeads
from adapters.databases.memory.suppressions import MemorySuppressions
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
        await self._leads.add(lead)
        await self._suppressed.lift([lead])
        await self._timeline.add([event])
