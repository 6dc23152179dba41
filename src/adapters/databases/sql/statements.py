"""The statements that all repositories share."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.inserts import insert, insert_if_free
from domain.ports import Position

TRIES = 10


def newest(table: Table, limit: int, after: Position | None) -> Select[Any]:
    """Rows newest first by (created_at, id), strictly after the position."""
    return sorted_page(
        select(*table.c), table.c.created_at, table.c.id, downwards=True, limit=limit, after=after
    )


def sorted_page(
    query: Select[Any],
    key: ColumnElement[Any],
    row_id: ColumnElement[Any],
    *,
    downwards: bool,
    limit: int,
    after: Position | None,
) -> Select[Any]:
    """Rows by (key, id), both downwards or both upwards, strictly after the position."""
    place = tuple_(key, row_id)
    order = (key.desc(), row_id.desc()) if downwards else (key, row_id)
    query = query.order_by(*order).limit(limit)
    if after is None:
        return query
    seen = tuple_(literal(after.key, key.type), literal(after.id, row_id.type))
    return query.where(place < seen if downwards else place > seen)


async def insert_or_find(
    connection: AsyncConnection,
    table: Table,
    values: Mapping[str, Any],
    find_holder: Callable[[], Awaitable[Row[Any] | None]],
) -> Row[Any]:
    """The new row, or else the one that holds a unique key of it.

    A holder may be gone before it is found: then there is room, and the row is offered again.
    """
    unless_taken = insert_if_free(connection, table).values(values).returning(*table.c)
    for _ in range(TRIES):
        row = (await connection.execute(unless_taken)).first() or await find_holder()
        if row is not None:
            return row
    # no room and no holder is not chance: let the database say which rule is broken
    refused = insert(connection, table).values(values).returning(*table.c)
    return (await connection.execute(refused)).one()
