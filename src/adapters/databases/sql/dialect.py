"""The few things that PostgreSQL and SQLite say differently."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    JSON,
    ColumnElement,
    FromClause,
    Null,
    Table,
    TableValuedAlias,
    any_,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.types import TypeEngine


def listed(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, str]]
) -> FromClause:
    """These texts as a table to join with, under the names that they have in `table`."""
    if is_postgres(connection):
        return unnested(table, rows)
    each = func.json_each(literal(rows, JSON)).table_valued("value")
    texts = (func.json_extract(each.c.value, f"$.{name}").label(name) for name in rows[0])
    return select(*texts).subquery()


def unnested(table: Table, rows: Sequence[Mapping[str, Any]]) -> TableValuedAlias:
    """PostgreSQL: rows of columns of the table, as a table."""
    # one array for each column: one statement, always the same, with few parameters
    names = list(rows[0])
    arrays = (
        literal([_plain(row[name]) for row in rows], array_of(table.c[name].type)) for name in names
    )
    return func.unnest(*arrays).table_valued(*names).render_derived()


def array_of(kind: TypeEngine[Any]) -> ARRAY[Any]:
    """PostgreSQL: of one dimension, as lists in JSON are values, and no further dimensions."""
    element = postgresql.JSONB(none_as_null=True) if isinstance(kind, JSON) else kind
    return ARRAY(element, dimensions=1)


def among(
    connection: AsyncConnection, column: KeyedColumnElement[str], values: Collection[str]
) -> ColumnElement[bool]:
    """Whether the column is one of the values, which are one parameter however many they are."""
    if is_postgres(connection):
        return column == any_(literal(list(values), ARRAY(column.type)))
    each = func.json_each(literal(list(values), JSON)).table_valued("value")
    return column.in_(select(each.c.value))


def as_python_sorts(
    connection: AsyncConnection, column: KeyedColumnElement[str]
) -> ColumnElement[str]:
    """The column to order by, as `sorted` orders it, whatever the database's own collation."""
    return column.collate("C") if is_postgres(connection) else column


def among_ids(
    connection: AsyncConnection, column: KeyedColumnElement[UUID], ids: Collection[UUID]
) -> ColumnElement[bool]:
    """Whether the column is one of these ids: on PostgreSQL one parameter and always one text."""
    if is_postgres(connection):
        return column == any_(literal(list(ids), ARRAY(column.type)))
    return column.in_(ids)


def clock(connection: AsyncConnection, ahead: timedelta = timedelta(0)) -> ColumnElement[Any]:
    """The database's own time, and not its transaction's: so much ahead of now."""
    if is_postgres(connection):
        # as a subquery it is asked once, so that an index can be searched for it
        return select(func.clock_timestamp() + literal(ahead)).scalar_subquery()
    shift = f"{ahead.total_seconds():+.3f} seconds"
    # SQLAlchemy stores microseconds, SQLite's clock has milliseconds
    now = func.strftime("%Y-%m-%d %H:%M:%f000", "now", shift)
    return type_coerce(now, DateTimeUTC(timezone=True))


def is_postgres(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "postgresql"


def _plain(value: Any) -> Any:
    return None if isinstance(value, Null) else value
