"""The summary runs in SQL."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Row,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.claiming import Claims
from adapters.databases.sql.dialect import among_ids, clock
from adapters.databases.sql.inserts import insert_free
from adapters.databases.sql.leases import Leases
from adapters.databases.sql.mapping import summary_run_of, summary_run_values
from adapters.databases.sql.postgres_connection import PostgresConnection
from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import (
    ENDED,
    LAPSED,
    LAPSED_SUSPECTS,
    OPEN,
    PENDING,
    SUMMARY_RUNS,
)
from adapters.databases.sql.statements import TRIES, insert_or_find, newest
from domain.errors import SummaryRunOpen
from domain.lead import LeadId
from domain.ports import Position, SummaryRunRepository
from domain.summary import (
    LeaseToken,
    RunError,
    RunSettlement,
    RunState,
    SummaryRun,
    SummaryRunId,
)

_RUNS = SUMMARY_RUNS.c
_NEW = ("id", "lead_id", "attempts", "crashes", "created_at")
"""The columns of a run of which nothing came yet, beside those that the database fills."""
_ADDING = Prepared(
    insert(SUMMARY_RUNS)
    .values(
        {
            **{name: bindparam(name, type_=_RUNS[name].type) for name in _NEW},
            "state": literal_column(f"'{RunState.PENDING.value}'"),
            "due_at": func.clock_timestamp(),
        }
    )
    .on_conflict_do_nothing()
    .returning(_RUNS.due_at)
)


class SqlSummaryRuns(SummaryRunRepository):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._leases = Leases(connection, SUMMARY_RUNS)

    async def add(self, run: SummaryRun) -> SummaryRun:
        if isinstance(self._connection, PostgresConnection) and _is_fresh(run):
            added = await self._connection.fetch(_ADDING, {n: getattr(run, n) for n in _NEW})
            if added:
                return replace(run, next_attempt_at=added[0][0])
        row = await insert_or_find(
            self._connection,
            SUMMARY_RUNS,
            self._due_at_once(run),
            lambda: self._open_run(run.lead_id),
        )
        return summary_run_of(row)

    async def add_new(self, runs: Sequence[SummaryRun]) -> set[SummaryRunId]:
        if not runs:
            return set()
        rows = [{name: getattr(run, name) for name in _NEW} for run in runs]
        due = {"state": literal(RunState.PENDING.value), "due_at": clock(self._connection)}
        added = await insert_free(self._connection, SUMMARY_RUNS, rows, due)
        return {SummaryRunId(run_id) for run_id in added}

    async def get(self, lead_id: LeadId, run_id: SummaryRunId) -> SummaryRun | None:
        query = select(SUMMARY_RUNS).where(_RUNS.id == run_id, _RUNS.lead_id == lead_id)
        row = (await self._connection.execute(query)).first()
        return summary_run_of(row) if row else None

    async def among(self, run_ids: Collection[SummaryRunId]) -> Sequence[SummaryRun]:
        query = select(SUMMARY_RUNS).where(among_ids(self._connection, _RUNS.id, run_ids))
        return [summary_run_of(row) for row in await self._connection.execute(query)]

    async def open_of(self, lead_ids: Collection[LeadId]) -> Sequence[SummaryRun]:
        if not lead_ids:
            return []
        of_these = among_ids(self._connection, _RUNS.lead_id, lead_ids)
        rows = await self._connection.execute(select(SUMMARY_RUNS).where(of_these, OPEN))
        return [summary_run_of(row) for row in rows]

    async def page(
        self, lead_id: LeadId, limit: int, after: Position | None
    ) -> Sequence[SummaryRun]:
        query = newest(SUMMARY_RUNS, limit, after).where(_RUNS.lead_id == lead_id)
        return [summary_run_of(row) for row in await self._connection.execute(query)]

    async def before(self, run: SummaryRun) -> SummaryRun | None:
        place = tuple_(_RUNS.finished_at, _RUNS.id)
        ended = tuple_(
            literal(run.finished_at, _RUNS.finished_at.type), literal(run.id, _RUNS.id.type)
        )
        query = (
            select(SUMMARY_RUNS)
            .where(_RUNS.lead_id == run.lead_id, _RUNS.state == "succeeded", place < ended)
            .order_by(_RUNS.finished_at.desc(), _RUNS.id.desc())
            .limit(1)
        )
        row = (await self._connection.execute(query)).first()
        return summary_run_of(row) if row else None

    async def claim(
        self,
        token: LeaseToken,
        lease: timedelta,
        limit: int,
        beside: Collection[SummaryRun] = (),
    ) -> Sequence[SummaryRun]:
        claims, held = Claims(self._connection, self._leases), [run.id for run in beside]
        room = 0 if any(run.is_suspect for run in beside) else 1
        suspects = await claims.due(LAPSED_SUSPECTS, min(room, limit), held)
        ids = suspects + await claims.due(LAPSED, limit - len(suspects), held)
        ids += await claims.due(PENDING, limit - len(ids))
        alone = ids if len(ids) == 1 and not beside else suspects
        rows = await claims.take(ids, token, lease, alone)
        if rows:
            await self._join(beside)
        return [summary_run_of(row) for row in rows]

    async def renew(self, tokens: Collection[LeaseToken], lease: timedelta) -> set[SummaryRunId]:
        return {SummaryRunId(held) for held in await self._leases.renew(tokens, lease)}

    async def settle(
        self, run: SummaryRun, token: LeaseToken, retry_in: timedelta | None = None
    ) -> bool:
        return await self._leases.settle(summary_run_values(run), token, retry_in)

    async def settle_all(self, settlements: Sequence[RunSettlement]) -> set[SummaryRunId]:
        rows = [(summary_run_values(each.run), each.token, each.retry_in) for each in settlements]
        return {SummaryRunId(run_id) for run_id in await self._leases.settle_all(rows)}

    async def reopen(self, run: SummaryRun) -> None:
        for _ in range(TRIES):
            if await self._reopened(run):
                return
            standing = await self._open_run(run.lead_id)
            if standing is not None:
                raise SummaryRunOpen(standing.id)
        raise SummaryRunOpen(run.id)

    async def give_up(self, lead_id: LeadId, error: RunError, now: datetime) -> None:
        row = await self._open_run(lead_id, for_update=True)
        if row is not None:
            ended = summary_run_values(summary_run_of(row).given_up(error, now))
            giving_up = SUMMARY_RUNS.update().where(_RUNS.id == row.id)
            await self._connection.execute(giving_up.values({**ended, "due_at": None}))

    async def _join(self, beside: Collection[SummaryRun]) -> None:
        """Whoever was held alone no longer is."""
        joined = {run.id: run.claim for run in beside if run.alone and not run.is_suspect}
        if joined:
            still_held = and_(_RUNS.id.in_(joined), _RUNS.lease_token.in_(joined.values()))
            await self._connection.execute(
                SUMMARY_RUNS.update().where(still_held).values(alone=False)
            )

    async def _reopened(self, run: SummaryRun) -> bool:
        reopening = (
            SUMMARY_RUNS.update().where(_RUNS.id == run.id, ENDED).values(self._due_at_once(run))
        )
        try:
            # a savepoint, as on PostgreSQL an error would end the whole transaction
            async with self._connection.begin_nested():
                return bool((await self._connection.execute(reopening)).rowcount)
        except IntegrityError:
            return False

    def _due_at_once(self, run: SummaryRun) -> dict[str, Any]:
        return {**summary_run_values(run), "due_at": clock(self._connection)}

    async def _open_run(self, lead_id: UUID, *, for_update: bool = False) -> Row[Any] | None:
        query = select(SUMMARY_RUNS).where(_RUNS.lead_id == lead_id, OPEN)
        if for_update:
            query = query.with_for_update()
        return (await self._connection.execute(query)).first()


def _is_fresh(run: SummaryRun) -> bool:
    return run == SummaryRun(id=run.id, lead_id=run.lead_id, created_at=run.created_at)
