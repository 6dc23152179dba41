"""Many at once: one address is one lead, one lead is one run and one paid call."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from entrypoints.container import System
from tests.bad_requests import GOOD
from tests.fakes.gemini import KEY as GEMINI_KEY
from tests.fakes.gemini import FakeGemini
from tests.systems import a_client, a_system, another_api

SPELLINGS = ("grace@example.com", "GRACE@example.com", "Grace@Example.com", " grace@EXAMPLE.COM")


@pytest.fixture(params=["empty_sqlite_url", "empty_postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    return url


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
    lead = (await client.post("/leads", json=GOOD)).json()
    path, stopping = f"/leads/{lead['id']}", asyncio.Event()
    room = asyncio.Semaphore(100)

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
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 199}
    assert {a.json()["existing_id"] for a in answers if a.status_code == 409} == set(made)


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


async def test_two_workers_share_the_work_and_do_nothing_twice(
    client: httpx.AsyncClient, url: str, system: System, gemini: FakeGemini
) -> None:
    for n in range(40):
        lead = (await client.post("/leads", json={**GOOD, "email": f"g{n}@example.com"})).json()
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
