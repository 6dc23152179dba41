"""The rows that sync runs rejected, in SQL."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import among_ids, clock
from adapters.databases.sql.rows import REJECTS, SYNC_RUNS, WITH_REJECTS
from domain.ports import RejectRepository
from domain.quarantine import QuarantinedRow
from domain.sync import SyncRunId

_ROWS, _RUNS = REJECTS.c, SYNC_RUNS.c


class SqlRejects(RejectRepository):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def keep(self, run_id: SyncRunId, rows: Sequence[QuarantinedRow]) -> None:
        if rows:
            await self._connection.execute(REJECTS.insert(), [_values(run_id, row) for row in rows])

    async def page(
        self, run_id: SyncRunId, limit: int, after: int = 0, *, whole_only: bool = False
    ) -> Sequence[QuarantinedRow]:
        query = (
            select(_ROWS.position, _ROWS.fields, _ROWS.reasons, _ROWS.is_whole)
            .where(_ROWS.run_id == run_id, _ROWS.position > after)
            .where(_ROWS.is_whole if whole_only else true())
            .order_by(_ROWS.position)
            .limit(limit)
        )
        found = await self._connection.execute(query)
        return [
            QuarantinedRow(row.position, row.fields, tuple(row.reasons), row.is_whole)
            for row in found
        ]

    async def purge(self, kept: timedelta, runs: int) -> int:
        old = (
            select(_RUNS.id)
            .where(WITH_REJECTS, _RUNS.finished_at <= clock(self._connection, -kept))
            .order_by(_RUNS.finished_at)
            .limit(runs)
            # PostgreSQL's; SQLite has one writer at a time
            .with_for_update(skip_locked=True)
        )
        run_ids = list((await self._connection.execute(old)).scalars())
        if run_ids:
            of_these = among_ids(self._connection, _ROWS.run_id, run_ids)
            await self._connection.execute(REJECTS.delete().where(of_these))
            these = among_ids(self._connection, _RUNS.id, run_ids)
            await self._connection.execute(SYNC_RUNS.update().where(these).values(rejects_kept=0))
        return len(run_ids)


def _values(run_id: SyncRunId, row: QuarantinedRow) -> dict[str, object]:
    return {
        "run_id": run_id,
        "position": row.position,
        "fields": row.row,
        "reasons": row.reasons,
        "is_whole": row.is_whole,
    }
