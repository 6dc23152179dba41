"""Many at once change, delete and restore: no update is lost, and none is stuck."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from entrypoints.container import System
from tests.bad_requests import GOOD
from tests.systems import a_client, a_system, work_off_summaries

CROWD = 100


@pytest.fixture
async def system(url: str) -> AsyncIterator[System]:
    async with a_system({"DATABASE_URL": url}) as system:
        yield system


@pytest.fixture
async def client(system: System) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(system) as client:
        yield client


@pytest.fixture
async def path(client: httpx.AsyncClient) -> str:
    """Of a lead at version 1."""
    return (await client.post("/leads", json=GOOD)).headers["location"]


async def test_of_a_hundred_changes_of_one_version_one_wins(
    client: httpx.AsyncClient, path: str
) -> None:
    seen = {"if-match": '"1"'}

    answers = await asyncio.gather(
        *(client.patch(path, json={"phone": str(n)}, headers=seen) for n in range(CROWD))
    )

    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: CROWD - 1}
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert {a.headers["etag"] for a in answers} == {'"2"'}
    assert (await client.get(path)).json() == won
    told = (await client.get(f"{path}/timeline")).json()["items"]
    assert [event["type"] for event in told] == ["changed", "created"]


async def test_of_a_hundred_changes_of_any_version_none_is_lost(
    client: httpx.AsyncClient, path: str
) -> None:
    fields = ("phone", "company", "job_title", "notes")

    def change(n: int) -> dict[str, str]:
        return {fields[n % len(fields)]: f"value {n}"}

    answers = await asyncio.gather(*(client.patch(path, json=change(n)) for n in range(CROWD)))

    assert Counter(answer.status_code for answer in answers) == {200: CROWD}
    versions = sorted(answer.json()["version"] for answer in answers)
    assert versions == list(range(2, CROWD + 2))
    told = (await client.get(f"{path}/timeline?limit=200")).json()["items"]
    changes = [event["changes"] for event in reversed(told) if event["type"] == "changed"]
    assert len(changes) == CROWD
    last: dict[str, str | None] = dict.fromkeys(fields)
    for (one,) in changes:
        assert one["from"] == last[one["field"]]
        last[one["field"]] = one["to"]
    lead = (await client.get(path)).json()
    assert {field: lead[field] for field in fields} == last
    assert lead["version"] == CROWD + 1


async def test_of_a_hundred_who_take_one_address_one_gets_it(
    client: httpx.AsyncClient,
) -> None:
    leads = [
        (await client.post("/leads", json={**GOOD, "email": f"g{n}@example.com"})).json()["id"]
        for n in range(CROWD)
    ]

    answers = await asyncio.gather(
        *(client.patch(f"/leads/{lead}", json={"email": GOOD["email"]}) for lead in leads)
    )

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: CROWD - 1}
    (winner,) = [answer.json()["id"] for answer in answers if answer.status_code == 200]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {problem["existing_id"] for problem in refused} == {winner}


async def test_all_who_restore_at_once_find_the_lead_and_one_is_told_of(
    client: httpx.AsyncClient, path: str
) -> None:
    await client.delete(path)

    answers = await asyncio.gather(*(client.post(f"{path}/restore") for _ in range(CROWD)))

    assert Counter(answer.status_code for answer in answers) == {200: CROWD}
    assert {answer.headers["etag"] for answer in answers} == {'"3"'}
    told = (await client.get(f"{path}/timeline")).json()["items"]
    assert [event["type"] for event in told] == ["restored", "deleted", "created"]


async def test_leads_that_come_and_go_amid_their_runs_leave_none_of_them_stuck(
    client: httpx.AsyncClient, system: System
) -> None:
    paths = [
        (await client.post("/leads", json={**GOOD, "email": f"g{n}@example.com"})).headers[
            "location"
        ]
        for n in range(20)
    ]
    stopping = asyncio.Event()
    working = asyncio.create_task(system.summaries.run(stopping))

    async def come_and_go(path: str) -> set[int]:
        statuses = set()
        for _ in range(3):
            for method, under in (("POST", "/summarize"), ("DELETE", ""), ("POST", "/restore")):
                statuses.add((await client.request(method, f"{path}{under}")).status_code)
        return statuses

    statuses = await asyncio.gather(*(come_and_go(path) for path in paths))
    stopping.set()
    await working
    await work_off_summaries(system)

    assert set().union(*statuses) == {202, 204, 200}
    leads = (await client.get("/leads?limit=200")).json()["items"]
    assert len(leads) == len(paths)
    assert {lead["summary_status"] for lead in leads} <= {"ready", "failed"}
    for path in paths:
        runs = (await client.get(f"{path}/summaries")).json()["items"]
        assert {run["state"] for run in runs} <= {"succeeded", "failed"}
        assert {run["error"]["type"] for run in runs if run["error"]} <= {"deleted"}
