"""Asking for summaries, in memory."""

from collections.abc import Sequence

from adapters.databases.memory.leads import MemoryLeads
from adapters.databases.memory.summary_runs import MemorySummaryRuns
from application.in_turn import ask_in_turn
from application.ports import Asked, SummaryRequests
from domain.lead import LeadId


class MemorySummaryRequests(SummaryRequests):
    def __init__(self, leads: MemoryLeads, runs: MemorySummaryRuns) -> None:
        self._leads = leads
        self._runs = runs

    async def ask(self, asked: Sequence[Asked]) -> set[LeadId]:
        return await ask_in_turn(self._leads, self._runs, asked)
