"""Taking in leads, in memory."""

from collections.abc import Collection, Sequence

from adapters.databases.memory.history import MemoryTimeline
from adapters.databases.memory.leads import MemoryLeads
from adapters.databases.memory.suppressions import MemorySuppressions
from application.in_turn import take_in_free_in_turn, take_in_in_turn
from application.ports import Intake, Newcomer
from domain.lead import Lead, LeadId
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

    async def take_in_free(self, newcomers: Sequence[Newcomer]) -> Collection[LeadId]:
        return await take_in_free_in_turn(self._leads, self._suppressed, self._timeline, newcomers)
