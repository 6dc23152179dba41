"""Many ask for the summaries of the same leads at once: each lead is asked for once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import httpx
import pytest

from domain.batch import BatchMode, LeadBatch
from domain.bulk_summary import BulkRequest
from entrypoints.container import System
from tests.builders import NOW, SOMEBODY, a_run
from tests.systems import a_client, a_system, another_api, work_off_summaries

LEADS = 300
ROWS = [{"name": f"Lead {n}", "email": f"lead{n}@example.com"} for n in range(LEADS)]

WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
async def system(url: str) -> AsyncIterator[System]:
    async with a_system({"DATABASE_URL": url}) as system:
        yield system


@pytest.fixture
async def client(system: System) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(system) as client:
        yield client


async def open_runs(system: System) -> Counter[Any]:
    """How many open runs each lead has."""
    unit_of_work: Any = system.crm.list_leads.unit_of_work
    async with unit_of_work(reads_only=True) as work:
        leads = await work.leads.page(1_000, None)
        runs = [run for lead in leads for run in await work.summary_runs.page(lead.id, 10, None)]
    assert all(run.state.is_open for run in runs)
    return Counter(run.lead_id for run in runs)


async def test_twenty_requests_at_once_open_one_run_for_each_lead(
    client: httpx.AsyncClient, system: System, url: str
) -> None:
    await client.post("/leads/batch", json={"leads": ROWS})
    bodies: list[Mapping[str, object]] = [
        {"limit": 1_000, "force": n % 2 == 0, "filter": {"q": "lead"}} for n in range(20)
    ]

    async with a_system({"DATABASE_URL": url}) as second, another_api(second) as other:
        answers = await asyncio.gather(
            *((client, other)[n % 2].post("/leads/summarize", json=b) for n, b in enumerate(bodies))
        )

    assert Counter(answer.status_code for answer in answers) == {202: 20}
    bulks = [answer.json() for answer in answers]
    assert sum(bulk["queued"] for bulk in bulks) == LEADS
    assert {bulk["matched"] for bulk in bulks} == {LEADS}
    assert {bulk["progress"]["pending"] for bulk in bulks} == {LEADS}
    counted = await open_runs(system)
    assert (len(counted), counted.total()) == (LEADS, LEADS)


async def test_requests_of_several_processes_and_batches_do_not_wait_in_a_ring(
    empty_postgres_url: str,
) -> None:
    async with AsyncExitStack() as stack:
        environ = {"DATABASE_URL": empty_postgres_url}
        systems = [await stack.enter_async_context(a_system(environ)) for _ in range(3)]
        await systems[0].crm.take_in_batch(LeadBatch(ROWS), SOMEBODY)
        changed = [{**row, "phone": "1"} for row in ROWS[::-1]]
        batch = LeadBatch(changed, BatchMode.UPSERT)

        batches = asyncio.gather(
            *(systems[n % 3].crm.take_in_batch(batch, SOMEBODY) for n in range(5))
        )
        statuses = await asyncio.gather(
            *(systems[n % 3].crm.summarize_leads(BulkRequest(limit=1_000)) for n in range(20))
        )
        await batches

        counted = await open_runs(systems[0])
    assert sum(status.bulk.queued for status in statuses) == LEADS
    assert (len(counted), counted.total()) == (LEADS, LEADS)


async def test_what_others_did_to_the_leads_meanwhile_counts(empty_postgres_url: str) -> None:
    """Between our look at the leads and our hold on them."""
    async with a_system({"DATABASE_URL": empty_postgres_url}) as system:
        unit_of_work: Any = system.crm.list_leads.unit_of_work
        summarize, asked = system.crm.summarize_leads, BulkRequest(limit=1_000)
        await system.crm.take_in_batch(LeadBatch(ROWS[:4]), SOMEBODY)
        await summarize(asked)
        await work_off_summaries(system)
        moved = LeadBatch([{**row, "phone": "1"} for row in ROWS[:4]], BatchMode.UPSERT)
        await system.crm.take_in_batch(moved, SOMEBODY)

        async with unit_of_work() as work:
            deleted, requested, moved_back, _ = await work.leads.hold(
                [row["email"] for row in ROWS[:4]]
            )
            asking = asyncio.create_task(summarize(asked))
            await somebody_waits(empty_postgres_url)
            await work.leads.save(deleted.deleted(NOW))
            await work.summary_runs.add(a_run(requested))
            await work.leads.save(requested.awaiting_summary(NOW))
            await work.leads.save(moved_back.changed({"phone": None}, NOW))
        bulk = (await asking).bulk

    assert (bulk.queued, bulk.joined, bulk.unchanged) == (1, 1, 1)


async def somebody_waits(url: str) -> None:
    """Until a transaction of this database waits for another one."""
    connection = await asyncpg.connect(url)
    async with asyncio.timeout(2):
        while not await connection.fetchval(WAITING):
            await asyncio.sleep(0.01)
    await connection.close()
