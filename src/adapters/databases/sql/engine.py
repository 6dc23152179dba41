"""Engines for PostgreSQL and SQLite, with what each needs to be safe and to fail in time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.databases.sql.json_text import from_json, to_json
from adapters.databases.sql.outages import tell_outages

POOL_SIZE = 10
CONNECT_SECONDS = 2.0
STATEMENT_SECONDS = 2.5
SERVER_SECONDS = 0.25
"""A server that ends a statement says so within this time; one that does not is given up."""
BUSY_SECONDS = 2.25
"""For a SQLite file that another process writes; a turn among our own writers gets twice that."""
WRITES = "smart_crm_writes"
"""The execution option of a SQLite connection whose transaction will write."""


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
    url: str,
    pool_size: int = POOL_SIZE,
    *,
    connect_seconds: float = CONNECT_SECONDS,
    statement_seconds: float | None = STATEMENT_SECONDS,
    busy_seconds: float = BUSY_SECONDS,
) -> AsyncEngine:
    """An engine whose every wait is bounded; no connection is made yet.

    `statement_seconds` bounds a statement on PostgreSQL, locks included; `busy_seconds` the
    wait for other processes that write to a SQLite file.
    """
    target = database_url(url)
    on_sqlite = target.get_backend_name() == "sqlite"
    engine = create_async_engine(
        target,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=connect_seconds,
        connect_args=(
            {"timeout": busy_seconds}
            if on_sqlite
            else {
                "timeout": connect_seconds,
                "command_timeout": statement_seconds and statement_seconds + SERVER_SECONDS,
            }
        ),
        # an error must not carry leads into a log
        hide_parameters=True,
        json_serializer=to_json,
        json_deserializer=from_json,
    )
    tell_outages(engine)
    if on_sqlite:
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    else:
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        if statement_seconds is not None:
            event.listen(engine.sync_engine, "connect", _settle(statement_seconds))
    return engine


def sqlite_file(url: str) -> Path | None:
    target = database_url(url)
    return (
        Path(target.database) if target.get_backend_name() == "sqlite" and target.database else None
    )


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """A server that restarted closed what was pooled: seen here at no cost, unlike by a ping."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _settle(seconds: float) -> Callable[[Any, object], None]:
    """Statements are bounded by the server too, or what we gave up would wait on there.

    Their plans are kept, those of foreign keys as well: one made while a table was tiny would read
    all of it for each row when it has grown. A plan that cannot help that would look so dear that
    PostgreSQL would compile it first.
    """
    settings = {
        "statement_timeout": round(seconds * 1000),
        "enable_seqscan": "off",
        "jit": "off",
    }
    settling = "; ".join(f"SET {name} = {value}" for name, value in settings.items())

    def settle(connection: Any, _record: object) -> None:
        connection.run_async(lambda driver: driver.execute(settling))

    return settle


def _prepare_sqlite(connection: Any, _record: object) -> None:
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
