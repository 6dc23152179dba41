"""Answers by the requests that got them, in SQL."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import clock, wait_for_locks
from adapters.databases.sql.outages import is_lock_timeout
from adapters.databases.sql.rows import RECEIPTS
from adapters.databases.sql.statements import insert_or_find
from application.ports import Answer, KeptAnswer, KeyedRequest, ReceiptRepository
from domain.errors import DatabaseUnavailable, IdempotencyKeyInFlight

PATIENCE_SECONDS = 1.0
"""For a transaction of another process on PostgreSQL; SQLite has one writer at a time."""


class SqlReceipts(ReceiptRepository):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, request: KeyedRequest, kept: timedelta) -> KeptAnswer | None:
        taken = {
            "scope": request.scope,
            "key": request.key,
            "fingerprint": request.fingerprint,
            "created_at": clock(self._connection),
        }
        try:
            await wait_for_locks(self._connection, PATIENCE_SECONDS)
            row = await insert_or_find(
                self._connection, RECEIPTS, taken, lambda: self._find(request, kept)
            )
            await wait_for_locks(self._connection, 0)
        except DatabaseUnavailable as error:
            if is_lock_timeout(error):
                raise IdempotencyKeyInFlight from error
            raise
        if row.status is None:
            return None
        return KeptAnswer(row.fingerprint, Answer(row.status, row.headers, row.body))

    async def keep(self, request: KeyedRequest, answer: Answer) -> None:
        keeping = RECEIPTS.update().where(_of(request))
        await self._connection.execute(
            keeping.values(status=answer.status, headers=dict(answer.headers), body=answer.body)
        )

    async def purge(self, kept: timedelta, limit: int) -> int:
        place = (RECEIPTS.c.scope, RECEIPTS.c.key)
        old = (
            select(*place)
            .where(RECEIPTS.c.created_at <= clock(self._connection, -kept))
            .order_by(RECEIPTS.c.created_at)
            .limit(limit)
            # PostgreSQL's; SQLite has one writer at a time
            .with_for_update(skip_locked=True)
            # as a subquery it might be asked again for each row
            .cte("old")
        )
        purging = RECEIPTS.delete().where(tuple_(*place).in_(select(old)))
        # SQLite's driver does not count what a statement with a WITH has deleted
        gone = await self._connection.execute(purging.returning(RECEIPTS.c.created_at))
        return len(gone.all())

    async def _find(self, request: KeyedRequest, kept: timedelta) -> Row[Any] | None:
        """The answer; where its time is over it goes, and the key is free."""
        row = (
            await self._connection.execute(
                select(RECEIPTS).where(_of(request), self._is_kept(kept))
            )
        ).first()
        if row is None:
            await self._connection.execute(
                RECEIPTS.delete().where(_of(request), ~self._is_kept(kept))
            )
        return row

    def _is_kept(self, kept: timedelta) -> ColumnElement[bool]:
        return RECEIPTS.c.created_at > clock(self._connection, -kept)


def _of(request: KeyedRequest) -> ColumnElement[bool]:
    return and_(RECEIPTS.c.scope == request.scope, RECEIPTS.c.key == request.key)
