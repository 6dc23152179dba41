"""The schema: up, down, up again, the same as the models, and checked at every start."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]
import pytest
from advanced_alchemy.base import DefaultBase
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, column, inspect, make_url, table, text

from adapters.databases.sql.engine import build_engine
from adapters.databases.sql.rows import LEADS
from adapters.databases.sql.schema import check, downgrade, upgrade
from adapters.databases.sql.unit_of_work import SqlDatabase
from domain.errors import SchemaMismatch
from domain.lead import LEAD_FIELDS
from domain.lead_list import LeadFilter, LeadSort
from tests.builders import NOW, a_lead

TRIGRAMS = "ix_leads_search"
"""The index that is there only where PostgreSQL has pg_trgm."""

SINCE_0007 = {"insight", "basis", "activities", "stage_moves"}


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
        opts = {"compare_type": types, "include_object": lambda _, name, *__: name != TRIGRAMS}
        context = MigrationContext.configure(connection, opts=opts)
        return compare_metadata(context, DefaultBase.metadata)

    assert await ask(url, difference) == []


async def test_leads_from_before_are_found_and_sorted(url: str) -> None:
    await upgrade(url, "0004")
    leads = [
        a_lead(name=f"\u00c4da {n}", email=f"lead{n}@example.com", phone=f"+49 30 {n:07}")
        for n in range(5_000)
    ]
    # as the table was: what is not named there must not be named
    named = [name for name in LEAD_FIELDS if name not in SINCE_0007]
    old = [{name: getattr(lead, name) for name in named} for lead in leads]
    then = table("leads", *(column(name, LEADS.c[name].type) for name in named))
    engine = build_engine(url)
    async with engine.begin() as connection:
        await connection.execute(then.insert(), old)
    await engine.dispose()

    await upgrade(url)

    database = SqlDatabase(url)
    async with database(reads_only=True) as work:
        found = await work.leads.page(9, None, LeadFilter(q="\u00e4DA 4999"))
        last = await work.leads.page(1, None, sort=LeadSort.NAME_BACKWARDS)
        holders = await work.leads.sole_holders(["+49300004999"])
    await database.close()
    assert [lead.name for lead in (*found, *last)] == ["\u00c4da 4999", "\u00c4da 999"]
    assert holders == {"+49300004999": leads[-1].id}


async def test_leads_that_were_deleted_before_do_not_come_back(url: str) -> None:
    await upgrade(url, "0009")
    deleted = [
        a_lead(email=f"l{n}@example.com", source="fair", external_id=str(n)).deleted(NOW)
        for n in range(3_000)
    ]
    again, stranger = a_lead(email="l0@example.com"), a_lead(email="b@example.com")
    then = table("leads", *(column(name, LEADS.c[name].type) for name in LEAD_FIELDS))
    rows = [{name: getattr(lead, name) for name in LEAD_FIELDS} for lead in (*deleted, again)]
    engine = build_engine(url)
    async with engine.begin() as connection:
        await connection.execute(then.insert(), rows)
    await engine.dispose()

    await upgrade(url)

    database = SqlDatabase(url)
    async with database(reads_only=True) as work:
        found = await work.suppressed.among([*deleted, stranger])
    await database.close()
    assert found == {lead.id for lead in deleted[1:]}


async def test_a_role_that_may_add_no_extension_migrates_all_the_same(database_url: str) -> None:
    role = f"crm_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(database_url)
    await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'crm'")
    await admin.execute(f"GRANT ALL ON SCHEMA public TO {role}")

    url = make_url(database_url).set(username=role, password="crm")
    await upgrade(url.render_as_string(hide_password=False))

    await check(database_url)
    made = await admin.fetchval("SELECT count(*) FROM pg_indexes WHERE indexname = $1", TRIGRAMS)
    await admin.execute(f"DROP OWNED BY {role}")
    await admin.execute(f"DROP ROLE {role}")
    await admin.close()
    assert made == 0


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
