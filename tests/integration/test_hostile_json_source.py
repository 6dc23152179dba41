"""Whatever a JSON API does: the run tells, the API goes on, and the next slot succeeds."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from adapters.lead_sources import _http
from entrypoints.container import System
from tests.fakes.hostile_json import DEEDS
from tests.fakes.json_api import TOKEN, FakeJsonApi, a_contact
from tests.systems import a_client, a_system, work_off_syncs

SLOTS = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(2)]
OURS = {"name": "Grace Hopper", "email": "grace@example.com"}


@pytest.fixture
def api() -> Iterator[FakeJsonApi]:
    with FakeJsonApi([a_contact(number) for number in range(10)], "cursor") as api:
        yield api


@pytest.fixture(params=["memory", "sqlite"])
def environ(request: pytest.FixtureRequest, api: FakeJsonApi) -> dict[str, str]:
    memory = request.param == "memory"
    url = "memory://" if memory else request.getfixturevalue("empty_sqlite_url")
    return {
        "DATABASE_URL": url,
        "CRM_LEAD_SOURCE": "json",
        "CRM_SOURCE_ALLOW_PRIVATE": "true",
        "CRM_JSON_URL": api.url,
        "CRM_JSON_HEADERS": f'{{"authorization": "{TOKEN}"}}',
        "CRM_JSON_ITEMS": "$.data[*]",
        "CRM_JSON_FIELDS": "name=$.full_name,email=$.contact.email,external_id=$.id",
        "CRM_JSON_NEXT": "cursor:after:$.paging.next",
    }


@pytest.fixture
async def system(environ: dict[str, str]) -> AsyncIterator[System]:
    async with a_system(environ) as system:
        yield system


@pytest.fixture
async def client(system: System) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(system) as client:
        yield client


async def synced_at(slot: datetime, client: httpx.AsyncClient, system: System) -> Any:
    """The run of this slot, once it ended; meanwhile the API was asked and always answered."""
    run = await system.crm.start_sync("json", slot)
    working = asyncio.create_task(work_off_syncs(system))
    asked = set()
    while not working.done():
        asked.add((await client.get("/leads")).status_code)
        await asyncio.sleep(0.01)
    await working
    assert asked == {200}
    return (await client.get(f"/sync/runs/{run.id}")).json()


@pytest.mark.parametrize("name", DEEDS)
async def test_a_hostile_source_costs_its_own_run_and_nothing_else(
    name: str,
    api: FakeJsonApi,
    system: System,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deed, good = DEEDS[name], api.server.handler
    lead = (await client.post("/leads", json=OURS)).json()
    with monkeypatch.context() as patched:
        if deed.takes_time:
            patched.setattr(_http, "ATTEMPT_SECONDS", 0.2)
        api.server.handler = deed.do
        hostile = await synced_at(SLOTS[0], client, system)
    api.server.handler = good
    after = await synced_at(SLOTS[1], client, system)

    assert (hostile["state"], hostile["error"]["type"]) == (deed.state, deed.error)
    assert (after["state"], after["fetched"], after["invalid"]) == ("succeeded", 10, 0)
    assert (await client.get(f"/leads/{lead['id']}")).json() == lead


@pytest.mark.parametrize(("name", "invalid"), [("a name of 9 MB", 1), ("rows of nulls", 3)])
async def test_rows_that_nobody_could_use_are_counted(
    name: str, invalid: int, api: FakeJsonApi, system: System, client: httpx.AsyncClient
) -> None:
    api.server.handler = DEEDS[name].do

    run = await synced_at(SLOTS[0], client, system)

    assert (run["fetched"], run["invalid"], run["created"]) == (invalid, invalid, 0)


async def test_rows_before_the_hostile_page_stay(
    api: FakeJsonApi, system: System, client: httpx.AsyncClient
) -> None:
    api.server.handler = DEEDS["the same page twice"].do

    run = await synced_at(SLOTS[0], client, system)

    assert (run["state"], run["created"]) == ("failed", 1)
