"""The few statements that PostgreSQL and SQLite say differently."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, TypeVar

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import ColumnElement, Table, func, literal, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")


def is_postgres(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "postgresql"


def insert(connection: AsyncConnection, table: Table) -> PostgresInsert | SqliteInsert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if is_postgres(connection) else sqlite.insert(table)


def clock(connection: AsyncConnection, ahead: timedelta = timedelta(0)) -> ColumnElement[Any]:
    """The database's own time, and not its transaction's: so much ahead of now."""
    if is_postgres(connection):
        return func.clock_timestamp() + literal(ahead)
    shift = f"{ahead.total_seconds():+.3f} seconds"
    # SQLAlchemy stores microseconds, SQLite's clock has milliseconds
    now = func.strftime("%Y-%m-%d %H:%M:%f000", "now", shift)
    return type_coerce(now, DateTimeUTC(timezone=True))


def in_chunks(values: Collection[T], size: int) -> list[list[T]]:
    rows = list(values)
    return [rows[start : start + size] for start in range(0, len(rows), size)]
