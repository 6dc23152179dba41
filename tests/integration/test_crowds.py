"""Many at once: one address is one lead, one lead is one run and one paid call."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from domain.batch import BatchMode, LeadBatch, Verdict
from domain.incoming import IncomingLead
from entrypoints.container import System
from tests.bad_requests import GOOD, TELLING
from tests.builders import SOMEBODY
from tests.fakes.gemini import KEY as GEMINI_KEY
from tests.fakes.gemini import FakeGemini
from tests.systems import a_client, a_system, another_api

SPELLINGS = (
    "grace@example.com", "GRACE@example.com", "Grace@Example.com", " grace@EXAMPLE.COM",
    "gRACE@example.com ", "grace@example.COM", "grace@eXample.com", "GrAcE@ExAmPlE.cOm",
    "\uff47race@example.com", "\uff27\uff32\uff21\uff23\uff25@example.com",
    "grace@\uff45xample.com", "  GRACE@\uff25XAMPLE.com",
)  # fmt: skip


ADDRESSES = [f"lead{n}@example.com" for n in range(600)]


def overlapping_batches(count: int) -> list[list[dict[str, str]]]:
    """500 rows each, of 600 addresses, from another one on and in another order each."""
    batches = []
    for n in range(count):
        turned = ADDRESSES[n * 30 :] + ADDRESSES[: n * 30]
        rows = [{"name": f"Lead {n}", "email": email} for email in turned[:500]]
        batches.append(rows[:: 1 - 2 * (n % 2)])
    return batches


async def ids_of(client: httpx.AsyncClient) -> list[str]:
    """Of all leads, by a walk through the list."""
    ids: list[str] = []
    query: dict[str, str] | None = {"limit": "200"}
    while query:
        page = (await client.get("/leads", params=query)).json()
        ids += [lead["id"] for lead in page["items"]]
        query = {"limit": "200", "cursor": page["next_cursor"]} if page["next_cursor"] else None
    return ids


@pytest.fixture
async def gemini() -> AsyncIterator[FakeGemini]:
    with FakeGemini() as gemini:
        yield gemini


@pytest.fixture
async def system(url: str, gemini: FakeGemini) -> AsyncIterator[System]:
    environ = {
        "DATABASE_URL": url,
        "GEMINI_API_KEY": GEMINI_KEY,
        "GEMINI_BASE_URL": gemini.url,
    }
    async with a_system(environ) as system:
        yield system


@pytest.fixture
async def client(system: System) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(system) as client:
        yield client


async def test_a_thousand_requests_for_one_summary_make_one_call(
    client: httpx.AsyncClient, system: System, gemini: FakeGemini
) -> None:
    lead = (await client.post("/leads", json=TELLING)).json()
    path, stopping = f"/leads/{lead['id']}", asyncio.Event()
    # more at once would wait for a connection longer than a request may on a slow machine
    room = asyncio.Semaphore(40)

    async def ask() -> str:
        async with room:
            run_id: str = (await client.post(f"{path}/summarize")).json()["run_id"]
            return run_id

    runs = await asyncio.gather(*(ask() for _ in range(1_000)))
    working = asyncio.create_task(system.summaries.run(stopping))
    async with asyncio.timeout(20):
        while (await client.get(path)).json()["summary_status"] != "ready":
            await asyncio.sleep(0.02)
    stopping.set()
    await working

    assert len(set(runs)) == 1
    assert len(gemini.mood.calls) == 1


async def test_two_hundred_posts_of_one_address_make_one_lead(client: httpx.AsyncClient) -> None:
    bodies = [{**GOOD, "email": SPELLINGS[n % len(SPELLINGS)]} for n in range(200)]

    answers = await asyncio.gather(*(client.post("/leads", json=body) for body in bodies))

    made = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert len(set(SPELLINGS)) == 12
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 199}
    assert {a.json()["existing_id"] for a in answers if a.status_code == 409} == set(made)
    assert await ids_of(client) == made


async def test_a_hundred_upserts_of_one_address_make_one_lead(client: httpx.AsyncClient) -> None:
    bodies = [{**GOOD, "email": SPELLINGS[n % len(SPELLINGS)]} for n in range(100)]

    answers = await asyncio.gather(*(client.post("/leads/upsert", json=body) for body in bodies))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 99}
    assert {answer.json()["id"] for answer in answers} == set(await ids_of(client))


@pytest.mark.parametrize(("mode", "others"), [("create", "duplicate"), ("upsert", "updated")])
async def test_twenty_batches_that_overlap_take_in_each_address_once(
    client: httpx.AsyncClient, mode: str, others: str
) -> None:
    batches = [{"leads": rows, "mode": mode} for rows in overlapping_batches(20)]

    answers = await asyncio.gather(*(client.post("/leads/batch", json=b) for b in batches))

    assert Counter(answer.status_code for answer in answers) == {200: 20}
    counts = sum((Counter(answer.json()["counts"]) for answer in answers), Counter())
    assert +counts == {"created": len(ADDRESSES), others: 20 * 500 - len(ADDRESSES)}
    assert len(await ids_of(client)) == len(ADDRESSES)


@pytest.mark.parametrize("mode", BatchMode)
async def test_batches_of_several_processes_do_not_wait_in_a_ring(
    empty_postgres_url: str, mode: BatchMode
) -> None:
    async with AsyncExitStack() as stack:
        environ = {"DATABASE_URL": empty_postgres_url}
        systems = [await stack.enter_async_context(a_system(environ)) for _ in range(4)]

        answers = await asyncio.gather(
            *(
                systems[n % 4].crm.take_in_batch(LeadBatch(rows, mode), SOMEBODY)
                for n, rows in enumerate(overlapping_batches(20))
            )
        )

        async with a_client(systems[0]) as client:
            made = await ids_of(client)
    verdicts = Counter(fate.verdict for fates in answers for fate in fates)
    assert verdicts[Verdict.CREATED] == len(made) == len(ADDRESSES)
    assert verdicts.total() == 20 * 500


async def test_two_hundred_posts_with_one_key_through_two_apis_make_one_lead(
    client: httpx.AsyncClient, url: str
) -> None:
    async def create(api: httpx.AsyncClient) -> httpx.Response:
        return await api.post("/leads", json=GOOD, headers={"idempotency-key": "k-1"})

    async with a_system({"DATABASE_URL": url}) as second, another_api(second) as other:
        answers = await asyncio.gather(*(create((client, other)[n % 2]) for n in range(200)))
        again = await create(other)

    made = [answer for answer in answers if answer.status_code == 201]
    rest = {answer.json()["type"] for answer in answers if answer.status_code != 201}
    print(f"{len(made)} of 200 answered 201, the others {rest or 'none'}")
    assert {answer.content for answer in made} == {again.content}
    assert Counter("idempotency-replayed" in answer.headers for answer in made)[False] == 1
    assert rest <= {"/problems/idempotency-key-in-flight"}
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert [lead["id"] for lead in (await client.get("/leads")).json()["items"]] == [
        again.json()["id"]
    ]


async def test_a_sync_and_batches_do_not_wait_in_a_ring(empty_postgres_url: str) -> None:
    async with a_system({"DATABASE_URL": empty_postgres_url}) as system:
        merge: Any = system.crm.run_syncs.merge_leads
        rows = [{"name": "Lead", "email": email} for email in sorted(ADDRESSES)[:500]]
        offers = [IncomingLead({**row, "company": "Navy"}) for row in rows[::-1]]
        await merge("fair", [IncomingLead(row) for row in rows])
        batch = LeadBatch([{**row, "phone": "1"} for row in rows], BatchMode.UPSERT)

        merged, *answers = await asyncio.gather(
            merge("fair", offers), *(system.crm.take_in_batch(batch, SOMEBODY) for _ in range(10))
        )

    assert merged.counts.updated == 500
    verdicts = Counter(fate.verdict for fates in answers for fate in fates)
    assert verdicts == {Verdict.UPDATED: 500, Verdict.UNCHANGED: 4_500}


async def test_two_workers_share_the_work_and_do_nothing_twice(
    client: httpx.AsyncClient, url: str, system: System, gemini: FakeGemini
) -> None:
    for n in range(40):
        body = {**TELLING, "email": f"g{n}@example.com"}
        lead = (await client.post("/leads", json=body)).json()
        await client.post(f"/leads/{lead['id']}/summarize")
    stopping = asyncio.Event()
    environ = {
        "DATABASE_URL": url,
        "GEMINI_API_KEY": GEMINI_KEY,
        "GEMINI_BASE_URL": gemini.url,
    }

    async with a_system(environ) as other, asyncio.timeout(30):
        working = [
            asyncio.create_task(worker.run(stopping))
            for worker in (system.summaries, other.summaries)
        ]
        while any(
            lead["summary_status"] != "ready"
            for lead in (await client.get("/leads")).json()["items"]
        ):
            await asyncio.sleep(0.05)
        stopping.set()
        await asyncio.gather(*working)

    asked = Counter(call.facts["email"] for call in gemini.mood.calls)
    assert asked == {f"g{n}@example.com": 1 for n in range(40)}
