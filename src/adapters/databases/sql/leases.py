"""Claiming, renewing and settling runs, the same for every table of runs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Interval,
    Row,
    Table,
    TextClause,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import among_ids, clock, is_postgres
from adapters.databases.sql.many_rows import as_table, in_arrays, kinds_of
from adapters.databases.sql.postgres_reader import rows_of
from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import OPEN
from domain.summary import LeaseToken

Settlement: TypeAlias = tuple[Mapping[str, Any], LeaseToken, timedelta | None]
"""A row's new values, the token that is to hold it, and when it is due again if it is open."""
AT_ONCE = timedelta(0)
_OPEN_STATES = ("pending", "running")
_PENDING: ColumnElement[str] = literal_column("'pending'")
_RUNNING: ColumnElement[str] = literal_column("'running'")


class Leases:
    """The leases of one table within one transaction; all times by the database's clock."""

    def __init__(self, connection: AsyncConnection, table: Table) -> None:
        self._connection = connection
        self._table = table

    async def claim(
        self, token: LeaseToken, lease: timedelta, limit: int, **also: Any
    ) -> list[Row[Any]]:
        """Take due rows, longest due first; a row that was running counts a crash."""
        return await self.take(await self.due(OPEN, limit), token, lease, **also)

    async def due(self, among: TextClause | ColumnElement[bool], limit: int) -> list[UUID]:
        """The ids of due rows, longest due first, which nobody else can take meanwhile."""
        if not limit:
            return []
        runs = self._table.c
        due = (
            select(runs.id)
            .where(among, runs.due_at <= clock(self._connection))
            .order_by(runs.due_at)
            .limit(limit)
            # PostgreSQL's; SQLite has one writer at a time
            .with_for_update(skip_locked=True)
        )
        return list((await self._connection.execute(due)).scalars())

    async def take(
        self, ids: Sequence[UUID], token: LeaseToken, lease: timedelta, **also: Any
    ) -> list[Row[Any]]:
        """Put these rows under a lease, in this order."""
        if not ids:
            return []
        runs = self._table.c
        taking = (
            self._table.update()
            .where(among_ids(self._connection, runs.id, ids))
            .values(
                state="running",
                crashes=case((runs.state == "running", runs.crashes + 1), else_=runs.crashes),
                lease_token=token,
                due_at=clock(self._connection, lease),
                **also,
            )
            .returning(*runs)
        )
        taken = {row.id: row for row in await self._connection.execute(taking)}
        return [taken[run_id] for run_id in ids]

    async def renew(self, tokens: Collection[LeaseToken], lease: timedelta) -> set[UUID]:
        runs = self._table.c
        held = and_(among_ids(self._connection, runs.lease_token, tokens), runs.state == "running")
        await self._lock(held)
        renewing = (
            self._table.update()
            .where(held)
            .values(due_at=clock(self._connection, lease))
            .returning(runs.id)
        )
        return set((await self._connection.execute(renewing)).scalars())

    async def settle(
        self, values: Mapping[str, Any], token: LeaseToken, retry_in: timedelta | None = None
    ) -> bool:
        """Compare-and-set on the lease; an open row is due after `retry_in`."""
        runs = self._table.c
        is_open = values["state"] in _OPEN_STATES
        due_at = clock(self._connection, retry_in or AT_ONCE) if is_open else None
        settling = (
            self._table.update()
            .where(runs.id == values["id"], runs.state == "running", runs.lease_token == token)
            .values({**values, "due_at": due_at})
        )
        return bool((await self._connection.execute(settling)).rowcount)

    async def settle_all(self, settlements: Sequence[Settlement]) -> set[UUID]:
        """As `settle` for each, on PostgreSQL in one statement; the ids of those that stood."""
        if not settlements:
            return set()
        if is_postgres(self._connection):
            return await self._settled_at_once(settlements)
        return {
            values["id"]
            for values, token, retry_in in settlements
            if await self.settle(values, token, retry_in)
        }

    async def _lock(self, these: ColumnElement[bool]) -> None:
        """In one order for all who write many, so that no two of them wait for each other."""
        if is_postgres(self._connection):
            row_ids = select(self._table.c.id).where(these).order_by(self._table.c.id)
            await self._connection.execute(row_ids.with_for_update())

    async def _settled_at_once(self, settlements: Sequence[Settlement]) -> set[UUID]:
        held = {"ids": [values["id"] for values, _, _ in settlements]}
        await rows_of(self._connection, _locking(self._table), held)
        new = [
            {**values, "held_token": token, "retry_in": retry_in or AT_ONCE}
            for values, token, retry_in in settlements
        ]
        settling = _settling(self._table, tuple(settlements[0][0]))
        return {row[0] for row in await rows_of(self._connection, settling, in_arrays(new))}


@lru_cache
def _locking(table: Table) -> Prepared:
    """In one order for all who write many, so that no two of them wait for each other."""
    ids = bindparam("ids", type_=ARRAY(table.c.id.type))
    these = select(table.c.id).where(table.c.id == any_(ids))
    return Prepared(these.order_by(table.c.id).with_for_update())


@lru_cache
def _settling(table: Table, names: tuple[str, ...]) -> Prepared:
    runs = table.c
    also = {"held_token": runs.lease_token.type, "retry_in": Interval()}
    new = as_table({**kinds_of(table, names), **also})
    is_open = new.c.state.in_([_PENDING, _RUNNING])
    due_at = case((is_open, func.clock_timestamp() + new.c.retry_in), else_=None)
    settling = (
        table.update()
        .where(runs.id == new.c.id, runs.state == _RUNNING, runs.lease_token == new.c.held_token)
        .values({**{name: new.c[name] for name in names if name != "id"}, "due_at": due_at})
        .returning(runs.id)
    )
    return Prepared(settling)
