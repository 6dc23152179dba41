"""Many rows at once into PostgreSQL, in its own format: half the work of any INSERT."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from advanced_alchemy.types import GUID
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import KeyedColumnElement

from adapters.databases.sql.outages import driver_of
from application.pauses import unhurried

FROM = 100
"""So many rows are worth the round trips that a COPY takes."""


async def copy(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """All of these rows, or none of them; UniqueViolationError of asyncpg if one clashes."""
    names, columns = list(rows[0]), zip(*(row.values() for row in rows), strict=True)
    encoded = [
        _encoded(connection, table.c[name], values)
        for name, values in zip(names, columns, strict=True)
    ]
    # without a statement of SQLAlchemy's own, its transaction may not have begun
    async with connection.begin_nested(), driver_of(connection) as driver:
        records = _one_by_one(zip(*encoded, strict=True))
        await driver.copy_records_to_table(table.name, records=records, columns=names)


async def _one_by_one(records: Iterable[tuple[Any, ...]]) -> AsyncIterator[tuple[Any, ...]]:
    async for few in unhurried(records):
        for record in few:
            yield record


def _encoded(
    connection: AsyncConnection, column: KeyedColumnElement[Any], values: tuple[Any, ...]
) -> Iterable[Any]:
    """The values of one column, as the driver is given those of a statement."""
    if isinstance(column.type, GUID):
        return values  # the driver writes a UUID in less time than it takes to spell it
    dialect = connection.dialect
    encode = column.type.dialect_impl(dialect).bind_processor(dialect)
    if encode is None:
        return values
    if values.count(values[0]) == len(values):
        return (encode(values[0]),) * len(values)
    return map(encode, values)
