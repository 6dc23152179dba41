"""INSERT as both databases have it, which leaves out what clashes with a row that is there."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql.dml import OnConflictDoNothing as PostgresDoNothing
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing as SqliteDoNothing
from sqlalchemy.ext.asyncio import AsyncConnection


def insert(connection: AsyncConnection, table: Table) -> PostgresInsert | SqliteInsert:
    """An INSERT that knows ON CONFLICT."""
    is_postgres = connection.dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgres else sqlite.insert(table)


def insert_if_free(connection: AsyncConnection, table: Table) -> PostgresInsert | SqliteInsert:
    """As with `on_conflict_do_nothing`, but compiled once for all whose text is the same.

    SQLAlchemy compiles what has a clause of its dialect again each time, in a millisecond.
    """
    is_postgres = connection.dialect.name == "postgresql"
    return _PostgresIfFree(table) if is_postgres else _SqliteIfFree(table)


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
