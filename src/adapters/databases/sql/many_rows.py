"""Statements about many rows at once, compiled once; on PostgreSQL each column is one array."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Null,
    Select,
    Table,
    TableValuedAlias,
    bindparam,
    column,
    func,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from adapters.databases.sql.dialect import array_of, is_postgres
from adapters.databases.sql.postgres_reader import rows_of
from adapters.databases.sql.prepared import Prepared


def as_table(columns: Mapping[str, TypeEngine[Any]], name: str | None = None) -> TableValuedAlias:
    """PostgreSQL: a table of these columns, each of which is one parameter, `all_` and its name."""
    given = (column(of, kind) for of, kind in columns.items())
    each = (bindparam(f"all_{of}", type_=array_of(kind)) for of, kind in columns.items())
    return func.unnest(*each).table_valued(*given, name=name).render_derived()


def kinds_of(table: Table, names: Iterable[str]) -> dict[str, TypeEngine[Any]]:
    return {name: table.c[name].type for name in names}


def in_arrays(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The parameters of `as_table`."""
    columns = zip(*(row.values() for row in rows), strict=True)
    return {f"all_{name}": _array(values) for name, values in zip(rows[0], columns, strict=True)}


def _array(values: Sequence[Any]) -> list[Any]:
    """Empty if it holds nothing but nulls: where arrays differ in length, nulls end the shorter."""
    plain = [None if isinstance(value, Null) else value for value in values]
    return [] if plain.count(None) == len(plain) else plain


async def replace_all(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write these columns of the rows with these ids, however many; all rows have the same."""
    if is_postgres(connection):
        await rows_of(connection, _replacing(table, tuple(rows[0])), in_arrays(rows))
        return
    each = [{("row_id" if name == "id" else name): row[name] for name in row} for row in rows]
    await connection.execute(table.update().where(table.c.id == bindparam("row_id")), each)


@lru_cache(maxsize=64)
def _replacing(table: Table, names: tuple[str, ...]) -> Prepared:
    new = as_table(kinds_of(table, names))
    values = {name: new.c[name] for name in names if name != "id"}
    return Prepared(table.update().where(table.c.id == new.c.id).values(values))


class NewestOfEach:
    """Up to so many rows of each lead, the newest first, in one statement on PostgreSQL."""

    def __init__(
        self, table: Table, where: Callable[[], ColumnElement[bool]] | None = None
    ) -> None:
        self._table = table
        self._where = where

    async def __call__(
        self, connection: AsyncConnection, lead_ids: Collection[UUID], limit: int
    ) -> Sequence[Sequence[Any]]:
        if is_postgres(connection):
            values = {"lead_ids": list(lead_ids), "most": limit}
            return await rows_of(connection, self._of_these, values)
        return [
            row
            for lead_id in lead_ids
            for row in await connection.execute(
                self._newest.where(self._table.c.lead_id == lead_id), {"most": limit}
            )
        ]

    @cached_property
    def _newest(self) -> Select[Any]:
        table = self._table.c
        newest = select(*table).order_by(table.created_at.desc(), table.id.desc())
        newest = newest.limit(bindparam("most", type_=Integer()))
        return newest if self._where is None else newest.where(self._where())

    @cached_property
    def _of_these(self) -> Prepared:
        lead_id = self._table.c.lead_id
        ids = bindparam("lead_ids", type_=ARRAY(lead_id.type))
        leads = func.unnest(ids).table_valued("lead_id").render_derived()
        each = self._newest.where(lead_id == leads.c.lead_id).lateral()
        query = select(*each.c).select_from(leads.join(each, true()))
        return Prepared(query.order_by(each.c.created_at.desc(), each.c.id.desc()))
