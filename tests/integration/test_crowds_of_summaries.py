"""Many ask for the summaries of the same leads at once: each lead is asked for once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from domain.batch import BatchMode, LeadBatch
from domain.bulk_summary import BulkRequest
from entrypoints.container import System
from tests.builders import SOMEBODY
from tests.systems import a_client, a_system, another_api

LEADS = 300
ROWS = [{"name": f"Lead {n}", "email": f"lead{n}@example.com"} for n in range(LEADS)]


@pytest.fixture(params=["empty_sqlite_url", "empty_postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    return url


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
    client: httpx.AsyncClient, system: System
) -> None:
    await client.post("/leads/batch", json={"leads": ROWS})
    bodies: list[Mapping[str, object]] = [
        {"limit": 1_000, "force": n % 2 == 0, "filter": {"q": "lead"}} for n in range(20)
    ]

    async with another_api(system) as other:
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
