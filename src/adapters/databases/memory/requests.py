"""Asking for a summary, in memory."""

from adapters.databases.memory.leads import MemoryLeads
from adapters.databases.memory.summary_runs import MemorySummaryRuns
from application.ports import SummaryRequests
from domain.errors import LeadChanged
from domain.lead import Lead
from domain.summary import SummaryRun


class MemorySummaryRequests(SummaryRequests):
    def __init__(self, leads: MemoryLeads, runs: MemorySummaryRuns) -> None:
        self._leads = leads
        self._runs = runs

    async def ask(self, run: SummaryRun, lead: Lead) -> None:
        stored = await self._leads.get(lead.id)
        if stored is None or stored.version != lead.version - 1:
            raise LeadChanged(lead.id)
        if (await self._runs.add(run)).id != run.id:
            raise LeadChanged(lead.id)
        await self._leads.save(lead)
