"""Asking for a summary, in memory."""

from adapters.databases.memory.leads import MemoryLeads
from adapters.databases.memory.summary_runs import MemorySummaryRuns
from application.in_turn import ask_in_turn
from application.ports import SummaryRequests
from domain.lead import Lead
from domain.summary import SummaryRun


class MemorySummaryRequests(SummaryRequests):
    def __init__(self, leads: MemoryLeads, runs: MemorySummaryRuns) -> None:
        self._leads = leads
        self._runs = runs

    async def ask(self, run: SummaryRun, lead: Lead) -> None:
        await ask_in_turn(self._leads, self._runs, run, lead)
