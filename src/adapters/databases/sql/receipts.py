"""Answers by the requests that got them, in SQL."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import clock
from adapters.databases.sql.locks import wait_for_locks
from adapters.databases.sql.outages import is_lock_timeout
from adapters.databases.sql.postgres_connection import PostgresConnection
from adapters.databases.sql.postgres_reader import rows_of
from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import RECEIPTS
from adapters.databases.sql.statements import insert_or_find
from application.ports import Answer, KeptAnswer, KeyedRequest, ReceiptRepository
from domain.errors import DatabaseUnavailable, IdempotencyKeyInFlight

PATIENCE_SECONDS = 1.0
"""For a transaction of another process on PostgreSQL; SQLite has one writer at a time."""

_RECEIPT = RECEIPTS.c
_TAKING = Prepared(
    insert(RECEIPTS)
    .values(
        {
            **{
                name: bindparam(name, type_=_RECEIPT[name].type)
                for name in ("scope", "key", "fingerprint")
            },
            "created_at": func.clock_timestamp(),
        }
    )
    .on_conflict_do_nothing()
    .returning(_RECEIPT.key)
)
_KEEPING = Prepared(
    RECEIPTS.update()
    .where(_RECEIPT.scope == bindparam("of_scope"), _RECEIPT.key == bindparam("of_key"))
    .values(
        {
            name: bindparam(f"new_{name}", type_=_RECEIPT[name].type)
            for name in ("status", "headers", "body")
        }
    )
    .returning(_RECEIPT.status)
)


class SqlReceipts(ReceiptRepository):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, request: KeyedRequest, kept: timedelta) -> KeptAnswer | None:
        try:
            await wait_for_locks(self._connection, PATIENCE_SECONDS)
            row = await self._taken(request, kept)
            await wait_for_locks(self._connection, 0)
        except DatabaseUnavailable as error:
            if is_lock_timeout(error):
                raise IdempotencyKeyInFlight from error
            raise
        if row is None or row.status is None:
            return None
        return KeptAnswer(row.fingerprint, Answer(row.status, row.headers, row.body))

    async def keep(self, request: KeyedRequest, answer: Answer) -> None:
        values = {
            "of_scope": request.scope,
            "of_key": request.key,
            "new_status": answer.status,
            "new_headers": dict(answer.headers),
            "new_body": answer.body,
        }
        await rows_of(self._connection, _KEEPING, values)

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

    async def _taken(self, request: KeyedRequest, kept: timedelta) -> Row[Any] | None:
        """The key's row, which may be somebody else's; None where it is new for certain."""
        values = {"scope": request.scope, "key": request.key, "fingerprint": request.fingerprint}
        on_postgres = isinstance(self._connection, PostgresConnection)
        # most keys are
        if on_postgres and await rows_of(self._connection, _TAKING, values):
            return None
        return await insert_or_find(
            self._connection,
            RECEIPTS,
            {**values, "created_at": clock(self._connection)},
            lambda: self._find(request, kept),
        )

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
