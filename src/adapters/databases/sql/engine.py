"""Engines for PostgreSQL and SQLite, with what each needs to be safe and to fail in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from domain.errors import DatabaseUnavailable

CONNECT_SECONDS = 3.0
STATEMENT_SECONDS = 4.0
BUSY_SECONDS = 5.0
WRITES = "smart_crm_writes"
"""The execution option of a connection whose transaction will write."""

# connection, resources, operator intervention, read-only, locks, deadlocks and time-outs
_OUTAGES = ("08", "53", "57", "58", "25006", "55P03", "40001", "40P01", "XX")


def database_url(url: str) -> URL:
    """The URL with the driver that we use; a SQLite path stays relative to the working folder."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite://").partition("?")[0].removeprefix("/")
        return URL.create("sqlite+aiosqlite", database=path)
    target = make_url(url).set(drivername="postgresql+asyncpg")
    # libpq's name for what asyncpg calls ssl, as hosted databases hand it out
    if "sslmode" in target.query:
        mode = target.query["sslmode"]
        target = target.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return target


def build_engine(
    url: str, pool_size: int = 10, statement_seconds: float | None = STATEMENT_SECONDS
) -> AsyncEngine:
    """An engine whose every wait is bounded; no connection is made yet."""
    target = database_url(url)
    on_sqlite = target.get_backend_name() == "sqlite"
    engine = create_async_engine(
        target,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        connect_args=(
            {"timeout": BUSY_SECONDS}
            if on_sqlite
            else {"timeout": CONNECT_SECONDS, "command_timeout": statement_seconds}
        ),
        # an error must not carry leads into a log
        hide_parameters=True,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
    )
    if not on_sqlite:
        return engine
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def sqlite_file(url: str) -> Path | None:
    target = database_url(url)
    return (
        Path(target.database) if target.get_backend_name() == "sqlite" and target.database else None
    )


def _prepare_sqlite(connection: Any, _: object) -> None:
    # the driver's own transaction handling would begin too late and never immediately
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A deferred transaction that reads and then writes fails at once when another wrote."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def telling_outages() -> Iterator[None]:
    """What the surroundings do is DatabaseUnavailable; our own mistakes stay what they are."""
    try:
        yield
    except (OSError, TimeoutError, PoolTimeout) as error:
        raise DatabaseUnavailable(type(error).__name__) from error
    except DBAPIError as error:
        if not _is_outage(error):
            raise
        raise DatabaseUnavailable(type(error.orig).__name__) from error


def _is_outage(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(_OUTAGES)
    if "no such" in str(error.orig):
        return False
    return isinstance(error, OperationalError) or "InterfaceError" in type(error).__name__
