"""The requests to summarise many leads, in SQL."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.rows import BULK_SUMMARIES, BULK_SUMMARY_RUNS, SUMMARY_RUNS
from application.ports import BulkSummaryRepository
from domain.bulk_summary import BulkSummary, BulkSummaryId
from domain.ports import Position
from domain.summary import RunState, SummaryRunId

_PLAIN = ("id", "wanted", "queued", "joined", "unchanged", "created_at")


class SqlBulkSummaries(BulkSummaryRepository):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, bulk: BulkSummary, run_ids: Collection[SummaryRunId]) -> None:
        place = bulk.rest
        await self._connection.execute(
            BULK_SUMMARIES.insert().values(
                **{name: getattr(bulk, name) for name in _PLAIN},
                rest_created_at=place and place.key,
                rest_id=place and place.id,
            )
        )
        if run_ids:
            rows = [{"bulk_id": bulk.id, "run_id": run_id} for run_id in run_ids]
            await self._connection.execute(BULK_SUMMARY_RUNS.insert(), rows)

    async def get(self, bulk_id: BulkSummaryId) -> BulkSummary | None:
        query = select(BULK_SUMMARIES).where(BULK_SUMMARIES.c.id == bulk_id)
        row = (await self._connection.execute(query)).first()
        if row is None:
            return None
        rest = Position(row.rest_created_at, row.rest_id) if row.rest_id else None
        return BulkSummary(**{name: getattr(row, name) for name in _PLAIN}, rest=rest)

    async def run_states(self, bulk_id: BulkSummaryId) -> Mapping[RunState, int]:
        runs, waited_for = SUMMARY_RUNS.c, BULK_SUMMARY_RUNS.c
        query = (
            select(runs.state, func.count())
            .join_from(BULK_SUMMARY_RUNS, SUMMARY_RUNS, runs.id == waited_for.run_id)
            .where(waited_for.bulk_id == bulk_id)
            .group_by(runs.state)
        )
        rows = await self._connection.execute(query)
        return {RunState(state): count for state, count in rows}
