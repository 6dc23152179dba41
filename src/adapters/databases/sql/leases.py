"""Claiming, renewing and settling runs, the same for every table of runs."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import clock, is_postgres
from domain.summary import LeaseToken

OPEN = ("pending", "running")


class Leases:
    """The leases of one table within one transaction; all times by the database's clock."""

    def __init__(self, connection: AsyncConnection, table: Table) -> None:
        self._connection = connection
        self._table = table

    async def claim(
        self, token: LeaseToken, lease: timedelta, limit: int, **also: Any
    ) -> list[Row[Any]]:
        """Take due rows, longest due first; a row that was running counts a crash."""
        runs = self._table.c
        due = (
            select(runs.id)
            .where(runs.state.in_(OPEN), runs.due_at <= clock(self._connection))
            .order_by(runs.due_at)
            .limit(limit)
        )
        if is_postgres(self._connection):
            due = due.with_for_update(skip_locked=True)
        crashed = case((runs.state == "running", runs.crashes + 1), else_=runs.crashes)
        claimed = await self._connection.execute(
            self._table.update()
            .where(runs.id.in_(due.scalar_subquery()))
            .values(
                state="running",
                crashes=crashed,
                lease_token=token,
                due_at=clock(self._connection, lease),
                **also,
            )
            .returning(*runs)
        )
        return sorted(claimed, key=lambda row: (row.created_at, row.id))

    async def renew(self, tokens: Collection[LeaseToken], lease: timedelta) -> set[UUID]:
        runs = self._table.c
        renewed = await self._connection.execute(
            self._table.update()
            .where(runs.state == "running", runs.lease_token.in_(tokens))
            .values(due_at=clock(self._connection, lease))
            .returning(runs.id)
        )
        return {row.id for row in renewed}

    async def settle(
        self, values: Mapping[str, Any], token: LeaseToken, retry_in: timedelta | None = None
    ) -> bool:
        """Compare-and-set on the lease; an open row is due after `retry_in`."""
        runs = self._table.c
        is_open = values["state"] in OPEN
        due_at = clock(self._connection, retry_in or timedelta(0)) if is_open else None
        result = await self._connection.execute(
            self._table.update()
            .where(runs.id == values["id"], runs.state == "running", runs.lease_token == token)
            .values({**values, "due_at": due_at})
        )
        return bool(result.rowcount)
