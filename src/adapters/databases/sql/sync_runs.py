"""The sync runs in SQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, case, false, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import clock
from adapters.databases.sql.leases import Leases
from adapters.databases.sql.mapping import sync_run_of, sync_run_values
from adapters.databases.sql.rows import OF_SOURCE, OPEN, READ, SYNC_RUNS
from adapters.databases.sql.statements import insert_or_find, newest
from domain.ports import Position, SyncRunRepository
from domain.summary import LeaseToken
from domain.sync import SyncCounts, SyncRun, SyncRunId

_RUNS = SYNC_RUNS.c
_GOES_ON = and_(_RUNS.upload.is_not(None), ~_RUNS.dry_run)
_NO_COUNTS = literal(asdict(SyncCounts()), _RUNS.counts.type)


class SqlSyncRuns(SyncRunRepository):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._leases = Leases(connection, SYNC_RUNS)

    async def add(self, run: SyncRun) -> SyncRun:
        values = {**sync_run_values(run), "due_at": clock(self._connection)}
        row = await insert_or_find(self._connection, SYNC_RUNS, values, lambda: self._standing(run))
        return sync_run_of(row)

    async def get(self, run_id: SyncRunId) -> SyncRun | None:
        query = select(SYNC_RUNS).where(_RUNS.id == run_id)
        row = (await self._connection.execute(query)).first()
        return sync_run_of(row) if row else None

    async def page(self, limit: int, after: Position | None) -> Sequence[SyncRun]:
        rows = await self._connection.execute(newest(SYNC_RUNS, limit, after))
        return [sync_run_of(row) for row in rows]

    async def claim(self, token: LeaseToken, lease: timedelta, limit: int) -> Sequence[SyncRun]:
        rows = await self._leases.claim(
            token,
            lease,
            limit,
            counts=case((_GOES_ON, _RUNS.counts), else_=_NO_COUNTS),
            started_at=clock(self._connection),
        )
        return [sync_run_of(row) for row in rows]

    async def renew(self, tokens: Collection[LeaseToken], lease: timedelta) -> set[SyncRunId]:
        return {SyncRunId(held) for held in await self._leases.renew(tokens, lease)}

    async def settle(self, run: SyncRun, token: LeaseToken) -> bool:
        return await self._leases.settle(sync_run_values(run), token)

    async def advance(self, run: SyncRun, token: LeaseToken) -> bool:
        advancing = (
            SYNC_RUNS.update()
            .where(_RUNS.id == run.id, _RUNS.state == "running", _RUNS.lease_token == token)
            .values(counts=asdict(run.counts), rejects_kept=run.rejects_kept, crashes=run.crashes)
        )
        return bool((await self._connection.execute(advancing)).rowcount)

    async def last_successes(self) -> Mapping[str, datetime]:
        last = func.max(_RUNS.finished_at).label("last")
        query = select(_RUNS.source, last).where(READ, OF_SOURCE).group_by(_RUNS.source)
        return {row.source: row.last for row in await self._connection.execute(query)}

    async def last_read_began(self, source: str) -> datetime | None:
        query = (
            select(_RUNS.started_at)
            .where(_RUNS.source == source, READ, OF_SOURCE)
            .order_by(_RUNS.finished_at.desc())
            .limit(1)
        )
        began: datetime | None = (await self._connection.execute(query)).scalar()
        return began

    async def _standing(self, run: SyncRun) -> Row[Any] | None:
        """The slot's run, whatever its state, before the source's open one."""
        of_slot = false() if run.slot is None else _RUNS.slot == run.slot
        query = (
            select(SYNC_RUNS)
            .where(_RUNS.source == run.source, OF_SOURCE, or_(of_slot, OPEN))
            .order_by(case((of_slot, 0), else_=1))
        )
        return (await self._connection.execute(query)).first()
