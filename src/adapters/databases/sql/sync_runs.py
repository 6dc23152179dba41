"""The sync runs in SQL."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import clock, insert
from adapters.databases.sql.leads import position_values
from adapters.databases.sql.leases import OPEN, Leases
from adapters.databases.sql.mapping import sync_run_of, sync_run_values
from adapters.databases.sql.rows import SYNC_RUNS
from domain.ports import Position, SyncRunRepository
from domain.summary import LeaseToken
from domain.sync import SyncCounts, SyncRun, SyncRunId

_RUNS = SYNC_RUNS.c


class SqlSyncRuns(SyncRunRepository):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._leases = Leases(connection, SYNC_RUNS)

    async def add(self, run: SyncRun) -> SyncRun:
        statement = (
            insert(self._connection, SYNC_RUNS)
            .values({**sync_run_values(run), "due_at": clock(self._connection)})
            .on_conflict_do_nothing()
            .returning(*_RUNS)
        )
        while True:
            row = (await self._connection.execute(statement)).first()
            standing = sync_run_of(row) if row else await self._standing(run)
            if standing is not None:
                return standing

    async def get(self, run_id: SyncRunId) -> SyncRun | None:
        query = select(SYNC_RUNS).where(_RUNS.id == run_id)
        row = (await self._connection.execute(query)).first()
        return sync_run_of(row) if row else None

    async def page(self, limit: int, after: Position | None) -> Sequence[SyncRun]:
        query = select(SYNC_RUNS).order_by(_RUNS.created_at.desc(), _RUNS.id.desc()).limit(limit)
        if after is not None:
            query = query.where(
                tuple_(_RUNS.created_at, _RUNS.id) < tuple_(*position_values(after))
            )
        return [sync_run_of(row) for row in await self._connection.execute(query)]

    async def claim(self, token: LeaseToken, lease: timedelta, limit: int) -> Sequence[SyncRun]:
        rows = await self._leases.claim(
            token, lease, limit, counts=asdict(SyncCounts()), started_at=clock(self._connection)
        )
        return [sync_run_of(row) for row in rows]

    async def renew(self, tokens: Collection[LeaseToken], lease: timedelta) -> set[SyncRunId]:
        return {SyncRunId(held) for held in await self._leases.renew(tokens, lease)}

    async def settle(self, run: SyncRun, token: LeaseToken) -> bool:
        return await self._leases.settle(sync_run_values(run), token)

    async def _standing(self, run: SyncRun) -> SyncRun | None:
        """The slot's run, whatever its state, before the source's open one."""
        of_slot = and_(_RUNS.slot == run.slot, _RUNS.slot.is_not(None))
        query = (
            select(SYNC_RUNS)
            .where(_RUNS.source == run.source, or_(of_slot, _RUNS.state.in_(OPEN)))
            .order_by(_RUNS.slot != run.slot if run.slot else _RUNS.created_at)
        )
        row = (await self._connection.execute(query)).first()
        return sync_run_of(row) if row else None
