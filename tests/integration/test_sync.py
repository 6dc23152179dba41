"""Syncs from a server that speaks the random-user format, into real databases."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from entrypoints.container import System
from tests.fakes.randomuser import FakeRandomUser
from tests.systems import a_client, a_system, work_off_syncs


@pytest.fixture
def fake() -> Iterator[FakeRandomUser]:
    with FakeRandomUser() as fake:
        yield fake


@pytest.fixture(params=["empty_sqlite_url", "empty_postgres_url"])
def environ(request: pytest.FixtureRequest, fake: FakeRandomUser) -> dict[str, str]:
    return {
        "DATABASE_URL": request.getfixturevalue(request.param),
        "RANDOMUSER_URL": f"{fake.url}/api/",
        "CRM_SOURCE_ALLOW_PRIVATE": "true",
    }


@pytest.fixture
async def system(environ: dict[str, str]) -> AsyncIterator[System]:
    async with a_system(environ) as system:
        yield system


@pytest.fixture
async def client(system: System) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(system) as client:
        yield client


async def synced(client: httpx.AsyncClient, system: System) -> dict[str, Any]:
    started = await client.post("/sync")
    await work_off_syncs(system)
    run: dict[str, Any] = (await client.get(started.headers["location"])).json()
    return run


async def test_ten_users_are_stored_once(client: httpx.AsyncClient, system: System) -> None:
    first = await synced(client, system)
    second = await synced(client, system)

    leads = (await client.get("/leads")).json()["items"]
    assert (first["state"], first["fetched"], first["created"]) == ("succeeded", 10, 10)
    assert (second["created"], second["unchanged"]) == (0, 10)
    assert len(leads) == 10
    assert {lead["source"] for lead in leads} == {"randomuser"}
    assert {lead["summary"] for lead in leads} == {None}


async def test_a_malformed_user_costs_only_itself(
    client: httpx.AsyncClient, system: System, fake: FakeRandomUser
) -> None:
    fake.misbehave("one malformed")

    run = await synced(client, system)

    assert (run["state"], run["created"], run["invalid"]) == ("succeeded", 9, 1)


async def test_an_empty_answer_is_degraded(
    client: httpx.AsyncClient, system: System, fake: FakeRandomUser
) -> None:
    fake.misbehave("empty")

    run = await synced(client, system)

    assert (run["state"], run["error"]["type"]) == ("degraded", "empty")


async def test_a_source_that_fails_is_told_with_its_type(
    client: httpx.AsyncClient, system: System, fake: FakeRandomUser
) -> None:
    fake.misbehave("html")

    run = await synced(client, system)

    assert (run["state"], run["error"]["type"], run["created"]) == ("failed", "malformed", 0)


async def test_ten_thousand_users_go_in_by_batches(environ: dict[str, str]) -> None:
    statements: list[str] = []

    def take_down(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement.split(maxsplit=1)[0])

    async with a_system({**environ, "CRM_SYNC_SIZE": "10000"}) as system:
        database: Any = system.crm.run_syncs.unit_of_work
        event.listen(database._engine.sync_engine, "before_cursor_execute", take_down)
        async with a_client(system) as client:
            run = await synced(client, system)

    assert (run["fetched"], run["created"]) == (10_000, 10_000)
    assert statements.count("INSERT") <= 25
    assert statements.count("SELECT") <= 25
