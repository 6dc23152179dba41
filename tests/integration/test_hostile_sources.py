"""Sources that mean harm: the run says what was wrong, the API goes on, the next slot succeeds."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.lead_sources import _http
from domain.sync import SyncRun
from entrypoints.container import System
from tests.builders import NOW
from tests.fakes.randomuser import FakeRandomUser
from tests.systems import a_client, a_system, work_off_syncs

SIZE = 1_500
"""Two pages."""

HOSTILE: dict[str, tuple[str, str, int]] = {
    "500": ("failed", "unavailable", 0),
    "html": ("failed", "malformed", 0),
    "broken json": ("failed", "malformed", 0),
    "deep json": ("failed", "malformed", 0),
    "trickle": ("failed", "timeout", 0),
    "hang": ("failed", "timeout", 0),
    "reset": ("failed", "unavailable", 0),
    "a gigabyte": ("failed", "too_large", 0),
    "endless": ("failed", "too_large", 0),
    "gzip bomb": ("failed", "too_large", 0),
    "gzip without end": ("failed", "too_large", 0),
    "name of ten megabytes": ("failed", "too_large", 0),
    "the same page": ("failed", "malformed", 1_000),
    "nulls": ("failed", "malformed", 0),
    "null results": ("failed", "malformed", 0),
    "empty": ("degraded", "empty", 0),
}
"""How each run ends, its error's type, and how many leads came in before."""


@pytest.fixture
def fake() -> Iterator[FakeRandomUser]:
    with FakeRandomUser() as fake:
        yield fake


@pytest.fixture
async def system(fake: FakeRandomUser) -> AsyncIterator[System]:
    environ = {
        "RANDOMUSER_URL": f"{fake.url}/api/",
        "CRM_SOURCE_ALLOW_PRIVATE": "true",
        "CRM_SYNC_SIZE": str(SIZE),
    }
    async with a_system(environ) as system:
        yield system


@pytest.fixture
async def client(system: System) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(system) as client:
        yield client


async def synced(client: httpx.AsyncClient, system: System, slot: int) -> dict[str, Any]:
    """The run of this slot, as the API shows it once it has ended."""
    run: SyncRun = await system.crm.start_sync("randomuser", NOW + timedelta(hours=slot))
    await work_off_syncs(system)
    shown: dict[str, Any] = (await client.get(f"/sync/runs/{run.id}")).json()
    return shown


@pytest.mark.parametrize("hostility", HOSTILE)
async def test_a_hostile_source_fails_its_own_run_and_nothing_else(
    system: System,
    client: httpx.AsyncClient,
    fake: FakeRandomUser,
    hostility: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state, error, created = HOSTILE[hostility]
    if error == "timeout":
        monkeypatch.setattr(_http, "ATTEMPT_SECONDS", 0.3)
    fake.misbehave(hostility)

    syncing = asyncio.create_task(synced(client, system, 1))
    answered, slowest = 0, 0.0
    while not syncing.done():
        began = time.monotonic()
        assert (await client.get("/leads")).status_code == 200
        answered, slowest = answered + 1, max(slowest, time.monotonic() - began)
        await asyncio.sleep(0.01)
    run = await syncing

    print(f"{hostility}: {answered} answers meanwhile, the slowest after {slowest * 1000:.0f} ms")
    assert (run["state"], run["error"]["type"], run["created"]) == (state, error, created)
    assert answered > 0
    assert slowest < 5

    fake.misbehave(None)
    after = await synced(client, system, 2)
    assert (after["state"], after["fetched"]) == ("succeeded", SIZE)
    assert (after["created"], after["unchanged"]) == (SIZE - created, created)


async def test_a_name_of_megabytes_costs_its_row_and_no_other(
    system: System, client: httpx.AsyncClient, fake: FakeRandomUser
) -> None:
    fake.misbehave("name of nine megabytes", times=1)

    run = await synced(client, system, 1)

    assert (run["state"], run["invalid"], run["created"]) == ("succeeded", 1, SIZE - 1)


async def test_pages_without_end_are_read_to_the_number_asked_for(
    system: System, client: httpx.AsyncClient, fake: FakeRandomUser
) -> None:
    run = await synced(client, system, 1)

    assert (run["state"], run["fetched"], len(fake.requests)) == ("succeeded", SIZE, 2)
