"""INSERT as both databases have it, of few rows or many: what clashes is left out, or refused."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from asyncpg import UniqueViolationError  # type: ignore[import-untyped]
from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql.dml import OnConflictDoNothing as PostgresDoNothing
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing as SqliteDoNothing
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql import copying
from adapters.databases.sql.dialect import is_postgres, unnested
from adapters.databases.sql.many_rows import as_table, in_arrays, kinds_of
from adapters.databases.sql.postgres_reader import rows_of
from adapters.databases.sql.prepared import Prepared

COPIED_FROM = 200
"""Rows from which on a COPY costs less than arrays do, if nothing is left out."""


def insert(connection: AsyncConnection, table: Table) -> PostgresInsert | SqliteInsert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if is_postgres(connection) else sqlite.insert(table)


def insert_if_free(connection: AsyncConnection, table: Table) -> PostgresInsert | SqliteInsert:
    """As with `on_conflict_do_nothing`, but compiled once for all whose text is the same.

    SQLAlchemy compiles what has a clause of its dialect again each time, in a millisecond.
    """
    return _PostgresIfFree(table) if is_postgres(connection) else _SqliteIfFree(table)


async def insert_free(
    connection: AsyncConnection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    computed: Mapping[str, ColumnElement[Any]] = MappingProxyType({}),
) -> set[Any]:
    """Insert those rows that clash with no other, however many; their ids come back.

    `computed` is what the database puts into further columns of each row.
    """
    statement = insert_if_free(connection, table)
    if not is_postgres(connection):
        free = statement.values(computed).returning(table.c.id)
        return set((await connection.execute(free, rows)).scalars())
    if len(rows) >= copying.FROM and not computed:
        # a key that is taken meanwhile is rare: then it is asked for each row which one it is
        with suppress(UniqueViolationError):
            await copying.copy(connection, table, rows)
            return {row["id"] for row in rows}
    offered = select(unnested(table, rows), *computed.values())
    free = statement.from_select([*rows[0], *computed], offered).returning(table.c.id)
    return set((await connection.execute(free)).scalars())


async def insert_all(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert these rows, however many; whatever they clash with is an error."""
    if not is_postgres(connection):
        await connection.execute(table.insert(), rows)
    elif len(rows) >= COPIED_FROM:
        await copying.copy(connection, table, rows)
    else:
        await rows_of(connection, _inserting(table, tuple(rows[0])), in_arrays(rows))


@lru_cache(maxsize=16)
def _inserting(table: Table, names: tuple[str, ...]) -> Prepared:
    return Prepared(table.insert().from_select(names, select(as_table(kinds_of(table, names)))))


class _PostgresUnlessTaken(PostgresDoNothing):
    inherit_cache = True
    # it names no index, so there is nothing in it that could differ
    _traverse_internals: Any = ()


class _SqliteUnlessTaken(SqliteDoNothing):
    inherit_cache = True
    _traverse_internals: Any = ()


class _PostgresIfFree(PostgresInsert):
    inherit_cache = True
    _post_values_clause = _PostgresUnlessTaken()


class _SqliteIfFree(SqliteInsert):
    inherit_cache = True
    _post_values_clause = _SqliteUnlessTaken()
