"""A database's errors: outages become DatabaseUnavailable, and none repeats what was written."""

import sqlite3
from asyncio import timeout
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from asyncpg import (  # type: ignore[import-untyped]
    Connection,
    DataError,
    InterfaceError,
    InternalClientError,
    InvalidCachedStatementError,
    OutdatedSchemaCacheError,
    PostgresError,
)
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import DatabaseUnavailable

# connection, resources, operator intervention, system, read-only, locks, deadlocks, internal
_POSTGRES = ("08", "53", "57", "58", "25006", "55P03", "40001", "40P01", "XX")
_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}


def tell_outages(engine: AsyncEngine) -> None:
    """Statements, commits and roll-backs raise DatabaseUnavailable; our own mistakes stay."""
    event.listen(engine.sync_engine, "handle_error", _retold)


def is_lock_timeout(error: DatabaseUnavailable) -> bool:
    """Whether somebody held a lock on PostgreSQL for longer than we wished to wait."""
    return getattr(error.__cause__, "sqlstate", None) == "55P03"


def tell_failure(driver: Connection, error: BaseException) -> None:
    """DatabaseUnavailable for an outage in what the driver did itself.

    Returns for our own mistakes and for cancellations, which then repeat no data. Whoever was
    left in the middle of a statement is given up.
    """
    was_closed = driver.is_closed()
    if not isinstance(error, PostgresError | InterfaceError) or _is_outdated(error):
        driver.terminate()
    is_closed = was_closed and isinstance(error, InterfaceError)
    if is_closed or isinstance(error, OSError) or _is_outdated(error) or _is_outage(error):
        raise DatabaseUnavailable(_cause(error)) from error
    if isinstance(error, PostgresError):
        error.detail = None
        error.args = tuple(str(part).partition("\nDETAIL:")[0] for part in error.args)
    elif isinstance(error, DataError):
        error.args = ("a value does not fit its place",)


@asynccontextmanager
async def connecting(seconds: float) -> AsyncIterator[None]:
    """Whatever is done in here to get a connection, within so many seconds; DatabaseUnavailable."""
    try:
        async with timeout(seconds):
            yield
    except (OSError, TimeoutError, PoolTimeout, PostgresError) as error:
        # while it connects, the driver's errors come as they are
        raise DatabaseUnavailable(f"cannot connect: {type(error).__name__}") from error


@asynccontextmanager
async def connected(engine: AsyncEngine, seconds: float) -> AsyncIterator[AsyncConnection]:
    """A connection from the pool, or a new one."""
    async with AsyncExitStack() as stack:
        async with connecting(seconds):
            connection = await stack.enter_async_context(engine.connect())
        yield connection


@asynccontextmanager
async def driver_of(connection: AsyncConnection) -> AsyncIterator[Connection]:
    """asyncpg's own connection; its outages are told, and data forgotten, as for statements."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        yield driver
    except Exception as error:
        # not a cancellation: the driver ends what it was at, and a savepoint needs it still
        tell_failure(driver, error)
        raise


def _retold(context: ExceptionContext) -> DatabaseUnavailable | None:
    error = context.original_exception
    if not isinstance(error, Exception):
        return None  # a cancellation breaks the connection, too
    if isinstance(error, TimeoutError | InternalClientError):
        _abandon(context)
    elif not (isinstance(error, OSError) or context.is_disconnect or _is_outage(error)):
        _forget_data(context)
        return None
    return DatabaseUnavailable(_cause(error))


def _abandon(context: ExceptionContext) -> None:
    """Who did not answer a statement would not answer a roll-back or a polite good-bye either."""
    context.is_disconnect = True
    context.invalidate_pool_on_disconnect = False
    if context.connection is not None:
        driver = context.connection.connection.driver_connection
        if driver is not None:
            driver.terminate()


def _forget_data(context: ExceptionContext) -> None:
    """PostgreSQL's DETAIL shows the failing row, and error messages end up in logs."""
    error = context.original_exception
    if isinstance(error.__cause__, PostgresError):
        error.__cause__.detail = None
        for told in (error, context.sqlalchemy_exception):
            if told is not None:
                told.args = tuple(str(part).partition("\nDETAIL:")[0] for part in told.args)


def _is_outdated(error: BaseException) -> bool:
    """Whether a migration has changed what a prepared statement was prepared for."""
    return isinstance(error, InvalidCachedStatementError | OutdatedSchemaCacheError)


def _is_outage(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        # the low byte is the primary code, the rest says more
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE
    if isinstance(error, InternalClientError):
        # the server's last word was read, and not yet that it hung up
        return True
    state = getattr(error, "sqlstate", None)
    return isinstance(state, str) and state.startswith(_POSTGRES)


def _cause(error: BaseException) -> str:
    """A name without a word of data: SQLITE_BUSY, AdminShutdownError, ConnectionResetError."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", type(error).__name__)
    return type(error.__cause__ or error).__name__
