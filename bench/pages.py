"""Page 1 and page 20,000 of a million leads: what each costs, and the ratio of both."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from adapters.databases.sql.engine import build_engine
from adapters.databases.sql.mapping import lead_values
from adapters.databases.sql.rows import LEADS
from adapters.databases.sql.schema import upgrade
from adapters.databases.sql.unit_of_work import SqlDatabase
from domain.lead import Lead, LeadId, SummaryStatus
from domain.lead_fields import LeadStatus
from domain.lead_list import ALL_LEADS, LeadFilter
from domain.ports import Position
from tests.engines.postgres import OwnPostgres

ROWS, PAGE, DEEP = 1_000_000, 50, 20_000
PAIRS, TRIES, BATCH = 1_000, 9, 5_000
BAR = 1.3
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
COMPANIES = ("Navy", "\u00c9cole Polytechnique", "Analytical Engines", "Stra\u00dfe AG", None)
SEARCHES = {
    "status few have": LeadFilter(status=LeadStatus.CONVERTED),
    "status nobody has": LeadFilter(status=LeadStatus.UNQUALIFIED),
    "source nobody has": LeadFilter(source="nowhere"),
    "summary_status nobody has": LeadFilter(summary_status=SummaryStatus.FAILED),
    "q that one has": LeadFilter(q="lead777777@"),
    "q that nobody has": LeadFilter(q="no such text"),
    "q that many have": LeadFilter(q="polytechnique"),
    "q that all have": LeadFilter(q="example.com"),
    "q of two letters": LeadFilter(q="zz"),
}


async def main() -> None:
    """Exit 1 if the ratio is above the bar on a database."""
    ratios = []
    for name, server in {"SQLite": _sqlite, "PostgreSQL": _postgres}.items():
        with server() as url:
            await upgrade(url)
            began = time.perf_counter()
            await _fill(url)
            print(f"{name}: {ROWS:,} leads in {time.perf_counter() - began:.0f} s", flush=True)
            # what the server is given to end a statement, a search without an index may need
            database = SqlDatabase(url, statement_seconds=60)
            ratios.append(await _compare(name, database))
            await _search(name, database)
            await database.close()
    sys.exit(max(ratios) > BAR)


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder)}/crm.db"


@contextmanager
def _postgres() -> Iterator[str]:
    with ExitStack() as stack:
        yield stack.enter_context(OwnPostgres(durable=False)).url


def _lead(n: int) -> Lead:
    """Created in the order of n, one a second."""
    moment = BEGAN + timedelta(seconds=n)
    return Lead(
        id=LeadId(UUID(int=n)),
        name=f"Ada Lovelace {n}",
        email=f"lead{n}@example.com",
        email_key=f"lead{n}@example.com",
        company=COMPANIES[n % len(COMPANIES)],
        status=LeadStatus.CONVERTED if n % 50_000 == 0 else LeadStatus.NEW,
        source="randomuser" if n % 3 else "manual",
        created_at=moment,
        updated_at=moment,
    )


async def _fill(url: str) -> None:
    engine = build_engine(url, pool_size=1, statement_seconds=None)
    for first in range(0, ROWS, BATCH):
        async with engine.begin() as connection:
            rows = [lead_values(_lead(n)) for n in range(first, min(first + BATCH, ROWS))]
            await connection.execute(LEADS.insert(), rows)
    async with engine.connect() as connection:
        settled = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await settled.execute(sa.text("VACUUM ANALYZE" if "postgres" in url else "ANALYZE"))
    await engine.dispose()


async def _compare(name: str, database: SqlDatabase) -> float:
    """In pairs, in turns, so that whatever else the machine does hits both pages alike."""
    # the last page of all: 20,000 pages of 50
    before = _lead(ROWS - (DEEP - 1) * PAGE)
    deep = Position(before.created_at, before.id)
    took: dict[Position | None, list[float]] = {None: [], deep: []}
    for n in range(PAIRS):
        for after in (None, deep) if n % 2 else (deep, None):
            took[after].append(await _seconds(database, after))
    first, last = statistics.median(took[None]), statistics.median(took[deep])
    ratio = last / first
    print(
        f"{name}: page 1 {first * 1000:.2f} ms, page {DEEP:,} {last * 1000:.2f} ms,"
        f" ratio {ratio:.2f} (bar {BAR}; medians of {PAIRS} pairs)",
        flush=True,
    )
    return ratio


async def _search(name: str, database: SqlDatabase) -> None:
    for what, wanted in SEARCHES.items():
        took = [await _seconds(database, None, wanted) for _ in range(TRIES)]
        print(f"{name}: {what}: {statistics.median(took) * 1000:.1f} ms", flush=True)


async def _seconds(
    database: SqlDatabase, after: Position | None, wanted: LeadFilter = ALL_LEADS
) -> float:
    began = time.perf_counter()
    async with database(reads_only=True) as work:
        page = await work.leads.page(PAGE, after, wanted)
    took = time.perf_counter() - began
    if wanted is ALL_LEADS and len(page) != PAGE:
        raise RuntimeError("a page is not full: these are not the pages that were to be compared")
    return took


if __name__ == "__main__":
    asyncio.run(main())
