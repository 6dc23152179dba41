"""Claiming, renewing and settling runs, the same for every table of runs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, Row, Table, TextClause, case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import clock, is_postgres, unnested
from adapters.databases.sql.rows import OPEN
from domain.summary import LeaseToken

Settlement: TypeAlias = tuple[Mapping[str, Any], LeaseToken, timedelta | None]
"""A row's new values, the token that is to hold it, and when it is due again if it is open."""
AT_ONCE = timedelta(0)
_OPEN_STATES = ("pending", "running")


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
            .where(runs.id.in_(ids))
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
        renewing = (
            self._table.update()
            .where(runs.lease_token.in_(tokens), runs.state == "running")
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

    async def _settled_at_once(self, settlements: Sequence[Settlement]) -> set[UUID]:
        runs = self._table.c
        held = {"held_token": runs.lease_token.type, "retry_in": Interval()}
        new = unnested(
            self._table,
            [
                {**values, "held_token": token, "retry_in": retry_in or AT_ONCE}
                for values, token, retry_in in settlements
            ],
            held,
        )
        due_at = case(
            (new.c.state.in_(_OPEN_STATES), clock(self._connection) + new.c.retry_in), else_=None
        )
        kept = [name for name in settlements[0][0] if name != "id"]
        settling = (
            self._table.update()
            .where(
                runs.id == new.c.id, runs.state == "running", runs.lease_token == new.c.held_token
            )
            .values({**{name: new.c[name] for name in kept}, "due_at": due_at})
            .returning(runs.id)
        )
        return set((await self._connection.execute(settling)).scalars())
