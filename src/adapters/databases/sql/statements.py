"""The statement that all repositories share: insert a row, or find who stands in its way."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import Row, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import insert

TRIES = 10


async def insert_or_find(
    connection: AsyncConnection,
    table: Table,
    values: Mapping[str, Any],
    find_holder: Callable[[], Awaitable[Row[Any] | None]],
) -> Row[Any]:
    """The new row, or else the one that holds a unique key of it.

    A holder may be gone before it is found: then there is room, and the row is offered again.
    """
    statement = insert(connection, table).values(values)
    unless_taken = statement.on_conflict_do_nothing().returning(*table.c)
    for _ in range(TRIES):
        row = (await connection.execute(unless_taken)).first() or await find_holder()
        if row is not None:
            return row
    # no room and no holder is not chance: let the database say which rule is broken
    return (await connection.execute(statement.returning(*table.c))).one()
