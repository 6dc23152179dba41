"""A connection to PostgreSQL that runs prepared statements on the driver itself.

Core's statements run on it as well, in the same transaction: SQLAlchemy is told that there is
none, and begins and ends nothing.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import Connection as Driver  # type: ignore[import-untyped]
from asyncpg.prepared_stmt import PreparedStatement  # type: ignore[import-untyped]
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

from adapters.databases.sql.outages import connecting, tell_failure
from adapters.databases.sql.prepared import Prepared

KEPT = 100
"""How many statements a connection keeps prepared."""


@dataclass(frozen=True, slots=True)
class _Postponed:
    statement: Prepared
    values: Mapping[str, Any]
    otherwise: Callable[[], Awaitable[None]]


class PostgresConnection(AsyncConnection):
    """`writes` says whether what comes is one transaction: it begins with its first statement."""

    __slots__ = ("_begun", "_driver", "_postponed", "_prepared", "writes")

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.writes = False
        self._begun = False
        self._driver: Driver
        self._prepared: dict[Prepared, PreparedStatement] = {}
        self._postponed: _Postponed | None = None

    @property
    def is_broken(self) -> bool:
        """Seen at no cost: a server that restarted has closed what was pooled."""
        return self.invalidated or bool(self._driver.is_closed())

    async def open(self, seconds: float) -> None:
        """DatabaseUnavailable if it cannot be had within so many seconds."""
        async with connecting(seconds):
            await self.start()
            await self.execution_options(isolation_level="AUTOCOMMIT")
            self._driver = (await super().get_raw_connection()).driver_connection

    async def fetch(self, statement: Prepared, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        """The rows of a prepared statement."""
        if self.writes:
            await self._ready()
        return await self._run(statement, values)

    async def fetch_alone(
        self, statement: Prepared, values: Mapping[str, Any]
    ) -> list[Sequence[Any]]:
        """As `fetch`; where nothing came before it is a transaction of its own."""
        return await (self.fetch if self._begun else self._run)(statement, values)

    async def postpone(
        self,
        statement: Prepared,
        values: Mapping[str, Any],
        otherwise: Callable[[], Awaitable[None]],
    ) -> None:
        """Run it before whatever comes next; by itself and without a transaction if nothing does.

        `otherwise` is done where it returns no row, in the transaction that it is part of then.
        """
        if self._postponed is not None:
            await self._ready()
        self._postponed = _Postponed(statement, values, otherwise)

    async def commit(self) -> None:
        if self._postponed is not None:
            await self._catch_up()
        if self._begun:
            await self._tell("COMMIT")
            self._begun = False

    async def leave(self) -> None:
        """Whatever was begun and not committed is rolled back."""
        self._postponed = None
        if self.in_transaction():
            await super().rollback()
        if self._begun and not self.is_broken:
            await self._tell("ROLLBACK")
        self._begun = False

    async def _ready(self) -> None:
        if not self._begun:
            await self._tell("BEGIN")
            self._begun = True
        if self._postponed is not None:
            await self._catch_up()

    async def _catch_up(self) -> None:
        postponed, self._postponed = self._postponed, None
        if postponed is not None and not await self._run(postponed.statement, postponed.values):
            await postponed.otherwise()

    async def _run(self, statement: Prepared, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        try:
            prepared = self._prepared.get(statement) or await self._prepare(statement)
            records: list[Sequence[Any]] = await prepared.fetch(*statement.arguments(values))
        except BaseException as error:
            tell_failure(self._driver, error)
            raise
        return statement.rows(records)

    async def _prepare(self, statement: Prepared) -> PreparedStatement:
        if len(self._prepared) >= KEPT:
            # the driver closes it on the server as soon as nobody knows it any more
            del self._prepared[next(iter(self._prepared))]
        prepared = await self._driver.prepare(statement.text)
        self._prepared[statement] = prepared
        return prepared

    async def execute(self, *args: Any, **options: Any) -> Any:
        if self.writes:
            await self._ready()
        return await super().execute(*args, **options)

    async def exec_driver_sql(self, *args: Any, **options: Any) -> Any:
        if self.writes:
            await self._ready()
        return await super().exec_driver_sql(*args, **options)

    async def get_raw_connection(self) -> Any:
        if self.writes:
            await self._ready()
        return await super().get_raw_connection()

    def begin_nested(self) -> AsyncTransaction:
        return _Savepoint(self, nested=True)

    async def _tell(self, word: str) -> None:
        try:
            await self._driver.execute(word)
        except BaseException as error:
            tell_failure(self._driver, error)
            raise


class _Savepoint(AsyncTransaction):
    __slots__ = ()

    async def start(self, is_ctxmanager: bool = False) -> AsyncTransaction:
        connection = self.connection
        if isinstance(connection, PostgresConnection) and connection.writes:
            await connection._ready()
        return await super().start(is_ctxmanager)
