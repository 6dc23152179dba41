"""List leads a page at a time, at a cost that does not grow with the pages before."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports import UnitsOfWork
from domain.lead import Lead
from domain.lead_list import LeadFilter, LeadSort
from domain.ports import Position


@dataclass(frozen=True, slots=True)
class ListLeads:
    unit_of_work: UnitsOfWork

    async def __call__(
        self, limit: int, after: Position | None, wanted: LeadFilter, sort: LeadSort
    ) -> Sequence[Lead]:
        """At most `limit` of the wanted leads that come after the position, sorted."""
        async with self.unit_of_work(reads_only=True) as work:
            return await work.leads.page(limit, after, wanted, sort)
