"""The schema's version: bring it up, down, or refuse to start on another one."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.engine import CONNECT_SECONDS, WRITES, build_engine, sqlite_file
from adapters.databases.sql.outages import connected
from domain.errors import DatabaseUnavailable, SchemaMismatch

SQLITE_TRIES = 30
SQLITE_PAUSE = 0.1
"""Seconds."""
MIGRATIONS = Path(__file__).parent / "migrations"
TURN_SECONDS = 600.0
"""How long to wait for somebody who migrates the same SQLite file."""
LOCK = 0x5C_4D  # any number, as long as all who migrate take the same


async def upgrade(url: str, revision: str = "head") -> None:
    """Migrate up; safe to run by several processes at once. DatabaseUnavailable."""
    file = sqlite_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        # to become a write-ahead log, a file waits for nobody: who comes second asks again
        for _ in range(SQLITE_TRIES):
            with suppress(DatabaseUnavailable):
                return await _migrate(url, command.upgrade, revision)
            await asyncio.sleep(SQLITE_PAUSE)
    return await _migrate(url, command.upgrade, revision)


async def downgrade(url: str, revision: str) -> None:
    """Migrate down to `revision`, or to nothing: `base`."""
    await _migrate(url, command.downgrade, revision)


async def check(url: str) -> None:
    """SchemaMismatch, in one line with what to do, unless the schema is the one we need."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise SchemaMismatch("there is no database yet; run: smart-crm migrate")
    engine = build_engine(url, pool_size=1)
    try:
        async with connected(engine, CONNECT_SECONDS) as connection:
            found = await connection.run_sync(_revision)
    finally:
        await engine.dispose()
    scripts = ScriptDirectory.from_config(_config())
    if found == scripts.get_current_head():
        return
    if found is None:
        raise SchemaMismatch("the database has no schema yet; run: smart-crm migrate")
    if found in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaMismatch(
            "the database's schema is older than this program; run: smart-crm migrate"
        )
    raise SchemaMismatch("the database's schema is newer than this program; update the program")


async def _migrate(url: str, step: Any, revision: str) -> None:
    # a migration takes as long as its table is large
    engine = build_engine(url, pool_size=1, statement_seconds=None, busy_seconds=TURN_SECONDS)
    try:
        async with connected(engine, CONNECT_SECONDS) as connection:
            await connection.execution_options(**{WRITES: True})
            async with connection.begin():
                await _take_turns(connection)
                await connection.run_sync(lambda sync: step(_config(sync), revision))
    finally:
        await engine.dispose()


async def _take_turns(connection: AsyncConnection) -> None:
    """On SQLite the transaction itself is the lock."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
