"""Read one lead through the cache, as the document that its readers get."""

from collections.abc import Awaitable
from dataclasses import dataclass

from application.lead_cache import LeadCache
from application.ports import Document, UnitsOfWork
from domain.errors import LeadNotFound
from domain.lead import Lead, LeadId


@dataclass(frozen=True, slots=True)
class GetLead:
    unit_of_work: UnitsOfWork
    lead_cache: LeadCache

    def __call__(self, lead_id: LeadId) -> Awaitable[Document]:
        """LeadNotFound if there is none; never older than the last acknowledged write."""
        return self.lead_cache.read(lead_id, self._load)

    async def _load(self, lead_id: LeadId) -> Lead:
        async with self.unit_of_work(reads_only=True) as work:
            lead = await work.leads.get(lead_id)
        if lead is None:
            raise LeadNotFound(lead_id)
        return lead
