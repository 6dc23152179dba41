"""What only reads on PostgreSQL: a connection is taken when a statement of its own is to run."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

from adapters.databases.sql.postgres_connection import PostgresConnection
from adapters.databases.sql.postgres_pool import PostgresPool
from adapters.databases.sql.prepared import Prepared
from domain.lead import LeadId

Find: TypeAlias = Callable[[LeadId], Awaitable[Sequence[Any] | None]]


class PostgresReader(AsyncConnection):
    """`find` gets the row of a live lead, together with whoever else asks for one."""

    __slots__ = ("_pool", "_taken", "find")

    def __init__(self, engine: AsyncEngine, pool: PostgresPool, find: Find) -> None:
        super().__init__(engine)
        self.find = find
        self._pool = pool
        self._taken: PostgresConnection | None = None

    @property  # type: ignore[misc]
    def dialect(self) -> Dialect:
        return self.engine.dialect

    async def execute(self, *args: Any, **options: Any) -> Any:
        return await (await self.taken()).execute(*args, **options)

    async def exec_driver_sql(self, *args: Any, **options: Any) -> Any:
        return await (await self.taken()).exec_driver_sql(*args, **options)

    async def get_raw_connection(self) -> Any:
        return await (await self.taken()).get_raw_connection()

    def begin_nested(self) -> AsyncTransaction:
        raise TypeError("what only reads has no savepoints")

    async def taken(self) -> PostgresConnection:
        if self._taken is None:
            self._taken = await self._pool.take()
            self._taken.writes = False
        return self._taken

    async def give_back(self) -> None:
        if self._taken is not None:
            taken, self._taken = self._taken, None
            await self._pool.leave(taken)


async def rows_of(
    connection: AsyncConnection, statement: Prepared, values: Mapping[str, Any]
) -> Sequence[Sequence[Any]]:
    """What the statement finds, each row in the order of its columns."""
    if isinstance(connection, PostgresReader):
        connection = await connection.taken()
    if isinstance(connection, PostgresConnection):
        return await connection.fetch(statement, values)
    return (await connection.execute(statement.core, values)).all()
