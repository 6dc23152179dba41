"""The schema's version: bring it up, down, or refuse to start on another one."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

from sqlalchemy import Connection, inspect, text
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
VERSIONS = "alembic_version"
"""The table in which it keeps the schema's revision."""
Step: TypeAlias = Literal["upgrade", "downgrade"]
LOCK = 0x5C_4D  # any number, as long as all who migrate take the same


async def upgrade(url: str, revision: str = "head") -> None:
    """Migrate up; safe to run by several processes at once. DatabaseUnavailable."""
    file = sqlite_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        # to become a write-ahead log, a file waits for nobody: who comes second asks again
        for _ in range(SQLITE_TRIES):
            with suppress(DatabaseUnavailable):
                return await _migrate(url, "upgrade", revision)
            await asyncio.sleep(SQLITE_PAUSE)
    return await _migrate(url, "upgrade", revision)


async def downgrade(url: str, revision: str) -> None:
    """Migrate down to `revision`, or to nothing: `base`."""
    await _migrate(url, "downgrade", revision)


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
    known = revisions()
    if found == known[-1]:
        return
    if found is None:
        raise SchemaMismatch("the database has no schema yet; run: smart-crm migrate")
    if found in known:
        raise SchemaMismatch(
            "the database's schema is older than this program; run: smart-crm migrate"
        )
    raise SchemaMismatch("the database's schema is newer than this program; update the program")


def revisions() -> list[str]:
    """All that this program knows, the newest last, by the names of their files.

    So a start needs none of the machinery of migrations, which takes long to import.
    """
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("*_*.py"))


async def _migrate(url: str, step: Step, revision: str) -> None:
    # a migration takes as long as its table is large
    engine = build_engine(url, pool_size=1, statement_seconds=None, busy_seconds=TURN_SECONDS)
    try:
        async with connected(engine, CONNECT_SECONDS) as connection:
            await connection.execution_options(**{WRITES: True})
            async with connection.begin():
                await _take_turns(connection)
                await connection.run_sync(_step, step, revision)
    finally:
        await engine.dispose()


async def _take_turns(connection: AsyncConnection) -> None:
    """On SQLite the transaction itself is the lock."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSIONS):
        return None
    found = connection.scalar(text(f"SELECT version_num FROM {VERSIONS}"))  # noqa: S608 - ours
    return None if found is None else str(found)


def _step(connection: Connection, step: Step, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - only who migrates needs it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    getattr(command, step)(config, revision)
