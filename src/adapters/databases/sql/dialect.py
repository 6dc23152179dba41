"""The few things that PostgreSQL and SQLite say differently."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    JSON,
    ColumnElement,
    FromClause,
    Null,
    Row,
    Table,
    TableValuedAlias,
    any_,
    bindparam,
    func,
    literal,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.types import TypeEngine


async def replace_all(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write every column of the rows with these ids, however many."""
    if is_postgres(connection):
        new = unnested(table, rows)
        values = {name: new.c[name] for name in rows[0] if name != "id"}
        await connection.execute(table.update().where(table.c.id == new.c.id).values(values))
        return
    each = [{("row_id" if name == "id" else name): row[name] for name in row} for row in rows]
    await connection.execute(table.update().where(table.c.id == bindparam("row_id")), each)


def listed(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, str]]
) -> FromClause:
    """These texts as a table to join with, under the names that they have in `table`."""
    if is_postgres(connection):
        return unnested(table, rows)
    each = func.json_each(literal(rows, JSON)).table_valued("value")
    texts = (func.json_extract(each.c.value, f"$.{name}").label(name) for name in rows[0])
    return select(*texts).subquery()


def unnested(
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    also: Mapping[str, TypeEngine[Any]] = MappingProxyType({}),
) -> TableValuedAlias:
    """PostgreSQL: rows of columns of the table, and of `also` by their types, as a table."""
    # one array for each column: one statement, always the same, with few parameters
    names = list(rows[0])
    kinds = {**{name: table.c[name].type for name in names if name not in also}, **also}
    arrays = (literal([_plain(row[name]) for row in rows], array_of(kinds[name])) for name in names)
    return func.unnest(*arrays).table_valued(*names).render_derived()


def array_of(kind: TypeEngine[Any]) -> ARRAY[Any]:
    """PostgreSQL: of one dimension, as lists in JSON are values, and no further dimensions."""
    element = postgresql.JSONB(none_as_null=True) if isinstance(kind, JSON) else kind
    return ARRAY(element, dimensions=1)


async def newest_of_each(
    connection: AsyncConnection,
    table: Table,
    lead_ids: Collection[UUID],
    limit: int,
    *where: ColumnElement[bool],
) -> Sequence[Row[Any]]:
    """Up to so many rows of each lead, the newest first, in one statement on PostgreSQL."""
    order = (table.c.created_at.desc(), table.c.id.desc())
    newest = select(*table.c).where(*where).order_by(*order).limit(limit)
    if not is_postgres(connection):
        return [
            row
            for lead_id in lead_ids
            for row in await connection.execute(newest.where(table.c.lead_id == lead_id))
        ]
    ids = literal(list(lead_ids), ARRAY(table.c.lead_id.type))
    leads = func.unnest(ids).table_valued("lead_id").render_derived()
    each = newest.where(table.c.lead_id == leads.c.lead_id).lateral()
    query = select(*each.c).select_from(leads.join(each, true()))
    rows = await connection.execute(query.order_by(each.c.created_at.desc(), each.c.id.desc()))
    return rows.all()


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
