"""How a worker comes by due summary runs: on PostgreSQL by statements that are compiled once."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Interval,
    TextClause,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    not_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import among_ids, is_postgres
from adapters.databases.sql.leases import Leases
from adapters.databases.sql.postgres_reader import rows_of
from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import SUMMARY_RUNS
from domain.summary import LeaseToken

_RUNS = SUMMARY_RUNS.c


class Claims:
    """Within one transaction; due times go by the database's clock."""

    def __init__(self, connection: AsyncConnection, leases: Leases) -> None:
        self._connection = connection
        self._leases = leases

    async def due(self, among: TextClause, limit: int, beside: Collection[UUID] = ()) -> list[UUID]:
        """As `Leases.due`, but for those that are held beside them."""
        if limit and is_postgres(self._connection):
            values = {"beside": list(beside), "most": limit}
            return [row[0] for row in await rows_of(self._connection, _due(among), values)]
        others = not_(among_ids(self._connection, _RUNS.id, beside))
        return await self._leases.due(and_(among, others), limit)

    async def take(
        self, ids: Sequence[UUID], token: LeaseToken, lease: timedelta, alone: Collection[UUID]
    ) -> Sequence[Sequence[Any]]:
        """As `Leases.take`; who was alone when its lease ran out is to blame for it."""
        if ids and is_postgres(self._connection):
            values = {"ids": list(ids), "token": token, "lease": lease, "held_alone": list(alone)}
            rows = {row[0]: row for row in await rows_of(self._connection, _taking(), values)}
            return [rows[run_id] for run_id in ids]
        held_alone = among_ids(self._connection, _RUNS.id, alone)
        return await self._leases.take(ids, token, lease, blamed=_blamed(), alone=held_alone)


def _these(name: str) -> Any:
    return any_(bindparam(name, type_=ARRAY(_RUNS.id.type)))


@lru_cache
def _due(among: TextClause) -> Prepared:
    # as a subquery it is asked once, so that an index can be searched for it
    now = select(func.clock_timestamp()).scalar_subquery()
    due = (
        select(_RUNS.id)
        .where(among, not_(_RUNS.id == _these("beside")), _RUNS.due_at <= now)
        .order_by(_RUNS.due_at)
        .limit(bindparam("most", type_=Integer()))
        .with_for_update(skip_locked=True)
    )
    return Prepared(due)


@lru_cache
def _taking() -> Prepared:
    taking = (
        SUMMARY_RUNS.update()
        .where(_RUNS.id == _these("ids"))
        .values(
            state=literal_column("'running'"),
            crashes=_if_held(_RUNS.crashes),
            lease_token=bindparam("token", type_=_RUNS.lease_token.type),
            due_at=func.clock_timestamp() + bindparam("lease", type_=Interval()),
            blamed=_blamed(),
            alone=_RUNS.id == _these("held_alone"),
        )
        .returning(*_RUNS)
    )
    return Prepared(taking)


def _blamed() -> ColumnElement[int]:
    return _if_held(_RUNS.blamed, _RUNS.alone)


def _if_held(count: ColumnElement[int], *also: ColumnElement[bool]) -> ColumnElement[int]:
    """One more where a lease ran out."""
    was_held = _RUNS.state == literal_column("'running'")
    return case((and_(was_held, *also), count + literal_column("1")), else_=count)
