"""Leads that wait for their summaries, and how far a worker is with them."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import uuid_utils.compat

from adapters.databases.sql.engine import build_engine
from adapters.databases.sql.rows import ACTIVITIES, SUMMARY_RUNS
from adapters.databases.sql.schema import upgrade
from adapters.databases.sql.unit_of_work import SqlDatabase
from domain.lead import Lead, LeadId, SummaryStatus
from domain.summary import SummaryRun, SummaryRunId

BATCH = 2_000
PATIENCE = 120.0
FIRST_NAMES = ("Ada", "Siobhán", "Ludwig", "Éloïse", "Raj", "Grace", "Marta", "Jürgen", "Li")
LAST_NAMES = ("Lovelace", "O'Brien", "Berg-Müller", "Lefèvre", "Patel", "Hopper", "Nowak", "Wei")
COMPANIES = ("Analytical Engines Ltd", "Müller Bau GmbH", "Acme Tools", "Northwind", "L'Atelier")
TITLES = ("Head of Procurement", "VP of Sales", "Managing Director", "IT Manager")
NOTES = (
    "Runs a team of 40 people in hall {} and uses Excel. Asked for a demo of the reporting module"
    " before the budget closes on 2027-03-31. Prefers calls in the afternoon."
)
CALL = "Spoke about prices: {} asked for {} licences at 1,200 each and a price list by e-mail."


@dataclass(frozen=True, slots=True)
class Done:
    """How many runs had succeeded at that moment (perf_counter)."""

    count: int
    at: float


class Backlog:
    """`url` is a PostgreSQL that is there for nothing else."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._database = SqlDatabase(url, statement_seconds=60)
        self._engine = build_engine(url, pool_size=1, statement_seconds=None)

    async def prepare(self) -> None:
        await upgrade(self._url)

    async def close(self) -> None:
        await self._database.close()
        await self._engine.dispose()

    async def fill(self, count: int) -> None:
        """So many leads with an activity and a pending run each, and nothing else."""
        async with self._engine.begin() as connection:
            await connection.execute(sa.text("TRUNCATE leads CASCADE"))
        for first in range(0, count, BATCH):
            leads = [_lead(n) for n in range(first, min(first + BATCH, count))]
            async with self._database() as work:
                await work.leads.add_new(leads)
                await work.summary_runs.add_new([_run(lead) for lead in leads])
            async with self._engine.begin() as connection:
                await connection.execute(ACTIVITIES.insert(), [_call(lead) for lead in leads])
        async with self._engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.execute(sa.text("VACUUM ANALYZE"))
            await alone.execute(sa.text("CHECKPOINT"))

    async def done_after(self, count: int) -> Done:
        """Once so many runs have succeeded; TimeoutError if they take too long."""
        succeeded = sa.select(sa.func.count()).where(SUMMARY_RUNS.c.state == "succeeded")
        async with asyncio.timeout(PATIENCE), self._engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            while True:
                done = Done(await alone.scalar(succeeded) or 0, time.perf_counter())
                if done.count >= count:
                    return done
                await asyncio.sleep(0.05)


def _lead(n: int) -> Lead:
    now = datetime.now(UTC)
    name = f"{FIRST_NAMES[n % 9]} {LAST_NAMES[n % 8]}"
    return Lead(
        id=LeadId(uuid_utils.compat.uuid7()),
        name=name,
        email=f"lead{n}@example.com",
        email_key=f"lead{n}@example.com",
        phone=f"+44 20 7946 {n:04}",
        company=COMPANIES[n % 5],
        job_title=TITLES[n % 4],
        notes=NOTES.format(n),
        source="manual",
        summary_status=SummaryStatus.PROCESSING,
        activities=1,
        created_at=now,
        updated_at=now,
        version=2,
    )


def _run(lead: Lead) -> SummaryRun:
    now = datetime.now(UTC)
    return SummaryRun(id=SummaryRunId(uuid_utils.compat.uuid7()), lead_id=lead.id, created_at=now)


def _call(lead: Lead) -> dict[str, object]:
    return {
        "id": uuid_utils.compat.uuid7(),
        "lead_id": lead.id,
        "type": "call",
        "text": CALL.format(lead.name, lead.phone and lead.phone[-4:]),
        "by_kind": "key",
        "by_id": "bench",
        "occurred_at": lead.created_at - timedelta(days=2),
        "created_at": lead.created_at,
    }
