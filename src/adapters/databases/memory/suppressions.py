"""The leads that no source may bring back, in memory."""

from collections.abc import Collection, Sequence

from adapters.databases.memory.tables import Tables
from application.ports import SuppressionRepository
from domain.lead import Lead, LeadId
from domain.suppression import marks_of


class MemorySuppressions(SuppressionRepository):
    """In clear, as nothing of it outlives the process."""

    def __init__(self, tables: Tables) -> None:
        self._suppressed = tables.suppressed

    async def add(self, lead: Lead) -> None:
        self._suppressed.update(dict.fromkeys(marks_of(lead)))

    async def lift(self, leads: Collection[Lead]) -> None:
        for lead in leads:
            for mark in marks_of(lead):
                self._suppressed.pop(mark, None)

    async def among(self, leads: Sequence[Lead]) -> set[LeadId]:
        return {lead.id for lead in leads if not self._suppressed.keys().isdisjoint(marks_of(lead))}
