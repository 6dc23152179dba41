"""Lists of leads find their index, so that a page costs the same however many leads there are."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import event, text

from adapters.databases.sql.engine import build_engine
from adapters.databases.sql.lead_list import page_of_leads
from adapters.databases.sql.unit_of_work import SqlDatabase
from domain.lead import SummaryStatus
from domain.lead_fields import LeadStatus
from domain.lead_list import ALL_LEADS, LeadFilter, LeadSort
from domain.ports import Position
from tests.builders import NOW, a_lead
from tests.contracts.databases.recording import stored

NOBODY = UUID("019abcde-0000-7000-8000-000000000000")
LEADS = 3_000


@dataclass(frozen=True, slots=True)
class Wish:
    """A list, and the index that must serve it."""

    index: str
    wanted: LeadFilter = ALL_LEADS
    sort: LeadSort = LeadSort.NEWEST
    key: Any = field(default=NOW + timedelta(seconds=LEADS // 2))


WISHES = [
    Wish("ix_leads_newest"),
    Wish("ix_leads_newest", sort=LeadSort.OLDEST),
    Wish("ix_leads_newest", LeadFilter(created_after=NOW, created_before=NOW + timedelta(days=9))),
    Wish("ix_leads_updated", sort=LeadSort.EARLIEST_CHANGE),
    Wish("ix_leads_updated", sort=LeadSort.LATEST_CHANGE),
    Wish(
        "ix_leads_updated",
        LeadFilter(updated_after=NOW),
        LeadSort.EARLIEST_CHANGE,
    ),
    Wish("ix_leads_name", sort=LeadSort.NAME, key="ada"),
    Wish("ix_leads_name", sort=LeadSort.NAME_BACKWARDS, key="ada"),
    Wish("ix_leads_status", LeadFilter(status=LeadStatus.CONVERTED)),
    Wish("ix_leads_source", LeadFilter(source="fair")),
    Wish("ix_leads_summary_status", LeadFilter(summary_status=SummaryStatus.FAILED)),
]


async def fill(database: SqlDatabase) -> None:
    async with database() as work:
        await work.leads.add_new(
            [
                a_lead(
                    name=f"Ada {n}",
                    email=f"lead{n}@example.com",
                    phone=f"+49 30 {n:07}",
                    created_at=NOW + timedelta(seconds=n),
                    updated_at=NOW + timedelta(seconds=n),
                )
                for n in range(LEADS)
            ]
        )


async def test_sqlite_goes_by_an_index_and_sorts_nothing(empty_sqlite_url: str) -> None:
    database = SqlDatabase(empty_sqlite_url)
    await fill(database)
    plans: dict[Wish, list[str]] = {}

    def explain(connection: Any, cursor: Any, text: str, values: Any, *_: Any) -> None:
        cursor.execute(f"EXPLAIN QUERY PLAN {text}", values)
        plans[wish] = [plan[3] for plan in cursor.fetchall()]

    event.listen(database._engine.sync_engine, "before_cursor_execute", explain)
    for wish in WISHES:
        async with database(reads_only=True) as work:
            await work.leads.page(50, Position(wish.key, NOBODY), wish.wanted, wish.sort)
    await database.close()

    for wish, plan in plans.items():
        (step,) = plan
        assert step.startswith(f"SEARCH leads USING INDEX {wish.index} "), wish


@pytest.fixture
async def postgres(empty_postgres_url: str) -> Any:
    database = SqlDatabase(empty_postgres_url)
    await fill(database)
    connection = await asyncpg.connect(empty_postgres_url)
    await connection.execute("VACUUM ANALYZE leads")
    yield connection
    await connection.close()
    await database.close()


async def plan_of(connection: Any, wish: Wish) -> str:
    """Of the statement that is prepared for it."""
    prepared, values = page_of_leads(50, Position(wish.key, NOBODY), wish.wanted, wish.sort)
    explained = await connection.fetch(f"EXPLAIN {prepared.text}", *prepared.arguments(values))
    return "\n".join(row[0] for row in explained)


async def test_postgres_goes_by_an_index_and_sorts_nothing(postgres: Any) -> None:
    connection = postgres

    for wish in WISHES:
        plan = await plan_of(connection, wish)
        assert f"using {wish.index} " in plan, wish
        assert "Sort" not in plan, wish


async def test_postgres_finds_phones_by_an_index(postgres: Any, empty_postgres_url: str) -> None:
    database = SqlDatabase(empty_postgres_url)
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    event.listen(database._engine.sync_engine, "before_cursor_execute", note)
    async with database(reads_only=True) as work:
        found = await work.leads.sole_holders([f"+4930{n:07}" for n in range(10)])
    await database.close()

    statement, parameters = said[-1]
    explained = await postgres.fetch(f"EXPLAIN {statement}", *parameters)
    plan = "\n".join(row[0] for row in explained)

    assert len(found) == 10
    assert "ix_leads_phone" in plan
    assert "Seq Scan" not in plan


async def test_postgres_searches_by_trigrams_where_it_has_them(postgres: Any) -> None:
    connection = postgres
    has_trigrams = await connection.fetchval(
        "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"
    )
    await connection.execute("SET enable_seqscan = off")
    wish = Wish("ix_leads_search", LeadFilter(q="lead2999@"), key=NOW + timedelta(days=9))

    plan = await plan_of(connection, wish)

    assert (f"on {wish.index} " in plan) == bool(has_trigrams)


async def test_postgres_sorts_names_by_code_points_whatever_its_language(postgres: Any) -> None:
    connection = postgres
    collations = await connection.fetch(
        "SELECT collname FROM pg_attribute JOIN pg_collation c ON c.oid = attcollation"
        " WHERE attrelid = 'leads'::regclass AND attname = 'name_key'"
    )

    assert [row["collname"] for row in collations] == ["C"]


async def test_a_plan_that_is_kept_reads_no_table_whole(empty_postgres_url: str) -> None:
    """Made while a table was tiny, it would cost more with each row that comes."""
    database = SqlDatabase(empty_postgres_url)
    lead = await stored(database)
    await database.close()
    engine = build_engine(empty_postgres_url)

    async with engine.connect() as connection:
        await connection.execute(text("ANALYZE leads"))
        # as foreign keys ask
        asked = "EXPLAIN SELECT 1 FROM ONLY leads WHERE id = :id FOR KEY SHARE"
        plan = "\n".join((await connection.execute(text(asked), {"id": lead.id})).scalars())
    await engine.dispose()

    assert "Index Scan" in plan
