"""How a transaction begins and ends on each database: bounded, and nothing is left behind."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.databases.sql.engine import WRITES
from adapters.databases.sql.lead_statements import LIVE_LEADS
from adapters.databases.sql.outages import connecting
from adapters.databases.sql.postgres_connection import PostgresConnection
from adapters.databases.sql.postgres_pool import PostgresPool
from adapters.databases.sql.postgres_reader import PostgresReader
from adapters.databases.sql.together import Together
from domain.errors import DatabaseUnavailable
from domain.lead import LeadId

LOOK_UPS = 2
"""How many statements that look for leads by their ids are on their way at once."""


class Transactions(Protocol):
    async def begin(self, *, writes: bool) -> AsyncConnection:
        """A connection in a transaction of its own; DatabaseUnavailable if none is had in time."""
        ...

    async def commit(self, connection: AsyncConnection) -> None: ...

    async def leave(self, connection: AsyncConnection) -> None:
        """Give the connection back; what was not committed is rolled back."""
        ...

    async def warm_up(self) -> None:
        """Get ready for a crowd."""
        ...

    async def close(self) -> None: ...


class SqliteTransactions(Transactions):
    """SQLite has one writer: within a process they queue, as its busy handler is unfair."""

    def __init__(self, engine: AsyncEngine, connect_seconds: float, busy_seconds: float) -> None:
        self._engine = engine
        self._connect_seconds = connect_seconds
        # a crowd in this process moves on, unlike a lock that another process forgot
        self._turn_seconds = busy_seconds * 2
        self._writing = asyncio.Lock()
        self._writer: AsyncConnection | None = None

    async def begin(self, *, writes: bool) -> AsyncConnection:
        if writes:
            await self._wait_for_turn()
        connection = self._engine.connect()
        try:
            async with connecting(self._connect_seconds):
                await connection.start()
            if writes:
                self._writer = connection
                await connection.execution_options(**{WRITES: True})
            await connection.begin()
        except BaseException:
            await self._left(connection, held_turn=writes)
            raise
        return connection

    async def commit(self, connection: AsyncConnection) -> None:
        await connection.commit()

    async def leave(self, connection: AsyncConnection) -> None:
        try:
            if connection.in_transaction():
                await connection.rollback()
        finally:
            await self._left(connection, held_turn=connection is self._writer)

    async def warm_up(self) -> None:
        """A file is opened at no cost."""

    async def close(self) -> None:
        """The engine's own connections are its own to close."""

    async def _left(self, connection: AsyncConnection, *, held_turn: bool) -> None:
        try:
            if connection.sync_connection is not None:
                await connection.close()
        finally:
            if held_turn:
                self._writer = None
                self._writing.release()

    async def _wait_for_turn(self) -> None:
        try:
            async with asyncio.timeout(self._turn_seconds):
                await self._writing.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable("too many writers wait for their turn") from error


class PostgresTransactions(Transactions):
    """Each statement of a PostgreSQL transaction sees what is committed by then.

    So what only reads needs no BEGIN and COMMIT: it sees the same, in a third of the round trips.
    """

    def __init__(self, engine: AsyncEngine, size: int, seconds: float) -> None:
        self._engine = engine
        self._pool = PostgresPool(engine, size, seconds)
        self._leads = Together(self._found, min(LOOK_UPS, size))

    async def begin(self, *, writes: bool) -> AsyncConnection:
        if not writes:
            return PostgresReader(self._engine, self._pool, self._leads.find)
        connection = await self._pool.take()
        connection.writes = True
        return connection

    async def commit(self, connection: AsyncConnection) -> None:
        if isinstance(connection, PostgresConnection):
            await connection.commit()

    async def leave(self, connection: AsyncConnection) -> None:
        if isinstance(connection, PostgresReader):
            await connection.give_back()
        elif isinstance(connection, PostgresConnection):
            await self._pool.leave(connection)

    async def warm_up(self) -> None:
        await self._pool.warm_up()

    async def close(self) -> None:
        await self._pool.close()

    async def _found(self, lead_ids: Collection[LeadId]) -> Mapping[LeadId, Sequence[Any]]:
        connection = await self._pool.take()
        connection.writes = False
        try:
            rows = await connection.fetch(LIVE_LEADS, {"ids": list(lead_ids)})
        finally:
            await self._pool.leave(connection)
        return {row[0]: row for row in rows}
