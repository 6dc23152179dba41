"""Many rows at once into PostgreSQL, in its own format: half the work of any INSERT."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.outages import driver_of

FROM = 100
"""So many rows are worth the round trips that a COPY takes."""


async def copy(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """All of these rows, or none of them; UniqueViolationError of asyncpg if one clashes."""
    # without a statement of SQLAlchemy's own, its transaction may not have begun
    async with connection.begin_nested(), driver_of(connection) as driver:
        columns = (_encoded(connection, table, name, rows) for name in rows[0])
        await driver.copy_records_to_table(
            table.name, records=zip(*columns, strict=True), columns=list(rows[0])
        )


def _encoded(
    connection: AsyncConnection, table: Table, name: str, rows: Sequence[Mapping[str, Any]]
) -> Iterator[Any]:
    """The values of one column, as the driver is given those of a statement."""
    values = (row[name] for row in rows)
    dialect = connection.dialect
    encode = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return values if encode is None else map(encode, values)
