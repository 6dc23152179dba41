"""The requests to summarise many leads, in memory."""

from collections import Counter
from collections.abc import Collection, Mapping

from adapters.databases.memory.tables import Tables
from application.ports import BulkSummaryRepository
from domain.bulk_summary import BulkSummary, BulkSummaryId
from domain.summary import RunState, SummaryRunId


class MemoryBulkSummaries(BulkSummaryRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, bulk: BulkSummary, run_ids: Collection[SummaryRunId]) -> None:
        self._tables.bulk_summaries[bulk.id] = bulk
        self._tables.bulk_summary_runs[bulk.id] = frozenset(run_ids)

    async def get(self, bulk_id: BulkSummaryId) -> BulkSummary | None:
        return self._tables.bulk_summaries.get(bulk_id)

    async def run_states(self, bulk_id: BulkSummaryId) -> Mapping[RunState, int]:
        run_ids = self._tables.bulk_summary_runs.get(bulk_id, frozenset())
        return Counter(self._tables.summary_runs[run_id].state for run_id in run_ids)
