"""The summary runs in SQL."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import clock, insert
from adapters.databases.sql.leads import position_values
from adapters.databases.sql.leases import OPEN, Leases
from adapters.databases.sql.mapping import summary_run_of, summary_run_values
from adapters.databases.sql.rows import SUMMARY_RUNS
from domain.errors import SummaryRunOpen
from domain.lead import LeadId
from domain.ports import Position, SummaryRunRepository
from domain.summary import LeaseToken, SummaryRun, SummaryRunId

_RUNS = SUMMARY_RUNS.c
_IS_OPEN = _RUNS.state.in_(OPEN)


class SqlSummaryRuns(SummaryRunRepository):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._leases = Leases(connection, SUMMARY_RUNS)

    async def add(self, run: SummaryRun) -> SummaryRun:
        statement = (
            insert(self._connection, SUMMARY_RUNS)
            .values({**summary_run_values(run), "due_at": clock(self._connection)})
            .on_conflict_do_nothing()
            .returning(*_RUNS)
        )
        while True:
            row = (await self._connection.execute(statement)).first()
            standing = summary_run_of(row) if row else await self._open_run(run.lead_id)
            if standing is not None:
                return standing

    async def get(self, lead_id: LeadId, run_id: SummaryRunId) -> SummaryRun | None:
        query = select(SUMMARY_RUNS).where(_RUNS.id == run_id, _RUNS.lead_id == lead_id)
        row = (await self._connection.execute(query)).first()
        return summary_run_of(row) if row else None

    async def page(
        self, lead_id: LeadId, limit: int, after: Position | None
    ) -> Sequence[SummaryRun]:
        query = (
            select(SUMMARY_RUNS)
            .where(_RUNS.lead_id == lead_id)
            .order_by(_RUNS.created_at.desc(), _RUNS.id.desc())
            .limit(limit)
        )
        if after is not None:
            query = query.where(
                tuple_(_RUNS.created_at, _RUNS.id) < tuple_(*position_values(after))
            )
        return [summary_run_of(row) for row in await self._connection.execute(query)]

    async def claim(self, token: LeaseToken, lease: timedelta, limit: int) -> Sequence[SummaryRun]:
        return [summary_run_of(row) for row in await self._leases.claim(token, lease, limit)]

    async def renew(self, tokens: Collection[LeaseToken], lease: timedelta) -> set[SummaryRunId]:
        return {SummaryRunId(held) for held in await self._leases.renew(tokens, lease)}

    async def settle(
        self, run: SummaryRun, token: LeaseToken, retry_in: timedelta | None = None
    ) -> bool:
        return await self._leases.settle(summary_run_values(run), token, retry_in)

    async def reopen(self, run: SummaryRun) -> None:
        values = {**summary_run_values(run), "due_at": clock(self._connection)}
        reopening = SUMMARY_RUNS.update().where(_RUNS.id == run.id, ~_IS_OPEN).values(values)
        try:
            async with self._connection.begin_nested():
                result = await self._connection.execute(reopening)
        except IntegrityError:
            result = None
        if result is None or result.rowcount == 0:
            standing = await self._open_run(run.lead_id)
            raise SummaryRunOpen(standing.id if standing else run.id)

    async def _open_run(self, lead_id: UUID) -> SummaryRun | None:
        query = select(SUMMARY_RUNS).where(_RUNS.lead_id == lead_id, _IS_OPEN)
        row = (await self._connection.execute(query)).first()
        return summary_run_of(row) if row else None
