"""Uploaded files, in SQL."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import clock
from adapters.databases.sql.rows import OPEN, STAGED_CHUNKS, SYNC_RUNS
from domain.ports import StagedRepository
from domain.sync import SyncRunId

AT_ONCE = 200
"""Chunks that one statement deletes: 50 MiB, well within the time that one may take."""
_CHUNKS = STAGED_CHUNKS.c


class SqlStaged(StagedRepository):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, run_id: SyncRunId, first: int, chunks: Sequence[bytes]) -> None:
        if chunks:
            came_at = clock(self._connection)
            rows = [
                {"run_id": run_id, "number": number, "bytes": chunk}
                for number, chunk in enumerate(chunks, start=first)
            ]
            await self._connection.execute(STAGED_CHUNKS.insert().values(came_at=came_at), rows)

    async def chunk(self, run_id: SyncRunId, number: int) -> bytes:
        query = select(_CHUNKS.bytes).where(_CHUNKS.run_id == run_id, _CHUNKS.number == number)
        return (await self._connection.execute(query)).scalar() or b""

    async def drop(self, run_id: SyncRunId) -> None:
        of_run = _CHUNKS.run_id == run_id
        last = select(func.max(_CHUNKS.number)).where(of_run)
        highest: int | None = (await self._connection.execute(last)).scalar()
        for number in range(0, -1 if highest is None else highest + 1, AT_ONCE):
            these = _CHUNKS.number.between(number, number + AT_ONCE - 1)
            await self._connection.execute(STAGED_CHUNKS.delete().where(of_run, these))

    async def purge(self, kept: timedelta, files: int) -> int:
        still_needed = select(SYNC_RUNS.c.id).where(SYNC_RUNS.c.id == _CHUNKS.run_id, OPEN)
        old = (
            select(_CHUNKS.run_id)
            .where(_CHUNKS.number == 0, _CHUNKS.came_at <= clock(self._connection, -kept))
            .where(~still_needed.exists())
            .limit(files)
            # PostgreSQL's; SQLite has one writer at a time
            .with_for_update(skip_locked=True)
        )
        run_ids = list((await self._connection.execute(old)).scalars())
        for run_id in run_ids:
            await self.drop(SyncRunId(run_id))
        return len(run_ids)
