"""The schema: up, down, up again, the same as the models, and checked at every start."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from advanced_alchemy.base import DefaultBase
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from adapters.databases.sql.engine import build_engine
from adapters.databases.sql.schema import check, downgrade, upgrade
from domain.errors import SchemaMismatch


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/var/crm.db"
    new_database: Callable[[], str] = request.getfixturevalue("new_database")
    return new_database()


async def ask(url: str, question: Callable[[Connection], object]) -> object:
    engine = build_engine(url)
    async with engine.connect() as connection:
        answer = await connection.run_sync(question)
    await engine.dispose()
    return answer


async def mark(url: str, revision: str) -> None:
    engine = build_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    await engine.dispose()


async def test_up_down_and_up_again(url: str) -> None:
    await upgrade(url)
    await downgrade(url, "base")
    tables = await ask(url, lambda connection: inspect(connection).get_table_names())
    await upgrade(url)

    assert tables == ["alembic_version"]
    await check(url)


async def test_the_migrated_schema_is_that_of_the_models(url: str) -> None:
    await upgrade(url)

    def difference(connection: Connection) -> object:
        # SQLite forgets the types that it was told
        types = connection.dialect.name != "sqlite"
        context = MigrationContext.configure(connection, opts={"compare_type": types})
        return compare_metadata(context, DefaultBase.metadata)

    assert await ask(url, difference) == []


async def test_several_may_migrate_at_once(url: str) -> None:
    await asyncio.gather(*(upgrade(url) for _ in range(4)))

    await check(url)


async def test_a_database_without_a_schema_is_refused(url: str) -> None:
    with pytest.raises(SchemaMismatch, match="run: smart-crm migrate") as told:
        await check(url)

    assert "\n" not in str(told.value)


async def test_an_older_schema_is_refused(url: str) -> None:
    await upgrade(url, "0001")

    with pytest.raises(SchemaMismatch, match="older than this program; run: smart-crm migrate"):
        await check(url)


async def test_migrating_leaves_logging_as_it_was(url: str) -> None:
    before = (logging.root.level, list(logging.root.handlers), logging.getLogger("alembic").level)

    await upgrade(url)

    after = (logging.root.level, list(logging.root.handlers), logging.getLogger("alembic").level)
    assert after == before


async def test_a_newer_schema_is_refused(url: str) -> None:
    await upgrade(url)
    await mark(url, "9999")

    with pytest.raises(SchemaMismatch, match="newer than this program"):
        await check(url)


def test_checking_creates_no_file(tmp_path: Path) -> None:
    with pytest.raises(SchemaMismatch):
        asyncio.run(check(f"sqlite:///{tmp_path}/none.db"))

    assert list(tmp_path.iterdir()) == []


async def test_sqlite_is_set_up_to_be_safe(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/crm.db"
    await upgrade(url)

    foreign_keys = await ask(
        url, lambda connection: connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
    )

    with sqlite3.connect(tmp_path / "crm.db") as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert foreign_keys == 1
