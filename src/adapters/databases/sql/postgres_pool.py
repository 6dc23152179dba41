"""The PostgreSQL connections of one process: so many at most, handed over in turn."""

import asyncio
from collections import deque
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.databases.sql.outages import connecting
from adapters.databases.sql.postgres_connection import PostgresConnection
from domain.errors import DatabaseUnavailable


class PostgresPool:
    """`seconds` bounds the wait for a connection, whether for a new one or for one of these."""

    def __init__(self, engine: AsyncEngine, size: int, seconds: float) -> None:
        self._engine = engine
        self._size = size
        self._seconds = seconds
        self._idle: list[PostgresConnection] = []
        self._open = 0
        self._waiting: deque[asyncio.Future[PostgresConnection | None]] = deque()
        self._closed = False

    async def take(self) -> PostgresConnection:
        """DatabaseUnavailable if there is none in time."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_broken:
                return connection
            await self._drop(connection)
        if self._open < self._size:
            return await self._new()
        return await self._next()

    async def leave(self, connection: PostgresConnection) -> None:
        """Give it back; what was not committed is rolled back."""
        try:
            # a server that is away has rolled back already
            with suppress(DatabaseUnavailable):
                await connection.leave()
        finally:
            await self.give_back(connection)

    async def give_back(self, connection: PostgresConnection) -> None:
        """After its transaction has ended, however."""
        if connection.is_broken or self._closed:
            await self._drop(connection)
        else:
            self._pass_on(connection)

    async def warm_up(self) -> None:
        """Connect as often as is allowed: new connections are slow to come in a crowd."""
        came = await asyncio.gather(
            *(self.take() for _ in range(self._size)), return_exceptions=True
        )
        for connection in came:
            if isinstance(connection, PostgresConnection):
                await self.give_back(connection)
        for failure in came:
            if isinstance(failure, BaseException):
                raise failure

    async def close(self) -> None:
        """What is in use is closed when it comes back."""
        self._closed = True
        while self._idle:
            await self._drop(self._idle.pop())

    async def _new(self) -> PostgresConnection:
        self._open += 1
        connection = PostgresConnection(self._engine)
        try:
            await connection.open(self._seconds)
        except BaseException:
            self._free_place()
            raise
        return connection

    async def _next(self) -> PostgresConnection:
        """The next that comes back, or a new one where one was lost."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._seconds
        while True:
            turn: asyncio.Future[PostgresConnection | None] = loop.create_future()
            # a timer takes half of what asyncio.timeout would, and under load everybody waits
            too_late = loop.call_at(due, _give_up, turn)
            self._waiting.append(turn)
            try:
                connection = await turn
            except BaseException:
                # it may have been handed over just as its taker left
                if turn.done() and not turn.cancelled() and turn.exception() is None:
                    self._pass_on(turn.result())
                raise
            finally:
                too_late.cancel()
            if connection is not None:
                return connection
            if self._open < self._size:
                async with connecting(due - loop.time()):
                    return await self._new()

    async def _drop(self, connection: PostgresConnection) -> None:
        try:
            await connection.close()
        finally:
            self._free_place()

    def _free_place(self) -> None:
        self._open -= 1
        self._pass_on(None)

    def _pass_on(self, connection: PostgresConnection | None) -> None:
        """To who waits longest; None is leave to make a new one."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is not None:
            self._idle.append(connection)


def _give_up(turn: "asyncio.Future[PostgresConnection | None]") -> None:
    if not turn.done():
        turn.set_exception(DatabaseUnavailable("cannot connect: TimeoutError"))
