"""Read all leads that are wanted, a page at a time, for as long as whoever takes them needs."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from application.ports import UnitsOfWork
from domain.lead import Lead
from domain.lead_list import LeadFilter
from domain.ports import Position

PAGE_SIZE = 50
"""Making them holds up the process's other requests for about 2 ms; larger ones are no faster."""


@dataclass(frozen=True, slots=True)
class ExportLeads:
    unit_of_work: UnitsOfWork
    page_size: int = PAGE_SIZE

    async def __call__(self, wanted: LeadFilter) -> AsyncGenerator[Sequence[Lead], None]:
        """Newest first; a lead that stays, and keeps matching, is in the pages exactly once.

        Each page shows its leads as they are when it is read. No transaction is open between
        two pages. DatabaseUnavailable at any of them.
        """
        after: Position | None = None
        while True:
            async with self.unit_of_work(reads_only=True) as work:
                page = await work.leads.page(self.page_size, after, wanted)
            if page:
                yield page
            if len(page) < self.page_size:
                return
            after = Position(page[-1].created_at, page[-1].id)
