"""List leads a page at a time, at a cost that does not grow with the pages before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from application.ports import UnitsOfWork
from domain.lead import LeadValues
from domain.lead_list import LeadFilter, LeadSort
from domain.ports import Position

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class ListLeads:
    unit_of_work: UnitsOfWork

    async def __call__(
        self,
        limit: int,
        after: Position | None,
        wanted: LeadFilter,
        sort: LeadSort,
        shape: Callable[[LeadValues], V],
    ) -> Sequence[V]:
        """At most `limit` of the wanted leads that come after the position, sorted and shaped."""
        async with self.unit_of_work(reads_only=True) as work:
            return await work.leads.shaped_page(shape, limit, after, wanted, sort)
