"""PostgreSQL goes away under running processes: that is said, and then all is as before."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.bad_requests import GOOD
from tests.engines.frozen import frozen
from tests.outages import (
    ABANDONED,
    Deployment,
    assert_unavailable,
    deployed,
    killed,
    leads_locked,
    new_lead,
    query,
    summarized,
)
from tests.processes import KEY, api_of, eventually

POOL = 10
TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(tmp_path_factory.mktemp("postgres"), CRM_SWEEP="1 s") as deployment:
        yield deployment


@pytest.fixture
def client(deployment: Deployment) -> Iterator[httpx.Client]:
    with api_of(deployment.api) as client:
        yield client
        eventually(lambda: client.get("/health/ready").status_code == 200)
        assert query(deployment.postgres, ABANDONED) == 0


@pytest.mark.parametrize("away", [killed, frozen])
def test_it_says_so_and_serves_again_by_itself(
    deployment: Deployment, client: httpx.Client, away: Any
) -> None:
    lead = new_lead(client, f"{away.__name__}@example.com")

    with away(deployment.postgres):
        assert_unavailable(client.get("/leads"))
        assert_unavailable(client.post("/leads", json=GOOD))
        assert_unavailable(client.post(f"/leads/{lead['id']}/summarize"))
        assert client.get("/health/live").status_code == 200
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")

    eventually(lambda: client.get("/leads").status_code == 200)
    assert summarized(client, lead)["summary"]


def test_what_is_cached_is_served_without_it(deployment: Deployment, client: httpx.Client) -> None:
    lead = new_lead(client, "cached@example.com")
    client.get(f"/leads/{lead['id']}")

    with killed(deployment.postgres):
        assert client.get(f"/leads/{lead['id']}").json() == lead


def test_backends_that_are_terminated_are_replaced(
    deployment: Deployment, client: httpx.Client
) -> None:
    lead = new_lead(client, "terminated@example.com")
    query(deployment.postgres, TERMINATE)

    eventually(lambda: client.get("/leads").status_code == 200)
    assert summarized(client, lead)["summary"]


def test_one_that_turned_read_only_still_reads_and_refuses_to_write(
    deployment: Deployment, client: httpx.Client
) -> None:
    """As a primary does after a failover."""
    lead = new_lead(client, "failover@example.com")
    set_read_only(deployment, "on")

    eventually(lambda: client.post("/leads", json=GOOD).status_code == 503)
    assert_unavailable(client.post("/leads", json=GOOD))
    assert_unavailable(client.post(f"/leads/{lead['id']}/summarize"))
    assert client.get("/leads?limit=1").json()["items"] == [lead]
    assert client.get("/health/live").status_code == 200

    set_read_only(deployment, "off")
    eventually(lambda: client.post("/leads", json=GOOD).status_code == 201)
    assert summarized(client, lead)["summary"]


async def test_a_row_that_somebody_holds_is_waited_for_and_given_up(
    deployment: Deployment, client: httpx.Client
) -> None:
    lead, other = new_lead(client, "held@example.com"), GOOD | {"email": "free@example.com"}
    path = f"/leads/{lead['id']}"

    async with an_api(deployment) as api:
        async with leads_locked(deployment.postgres):
            refused = await api.post(f"{path}/summarize")
            created = await api.post("/leads", json=other)
            shown = await api.get(path)
        runs = await api.get(f"{path}/summaries")

    assert_unavailable(refused)
    assert (created.status_code, shown.json(), runs.json()["items"]) == (201, lead, [])
    assert await asyncio.to_thread(summarized, client, lead)


async def test_a_pool_that_is_used_up_refuses_and_recovers(
    deployment: Deployment, client: httpx.Client
) -> None:
    leads = [new_lead(client, f"crowd{n}@example.com") for n in range(3 * POOL)]

    async with an_api(deployment) as api:
        async with leads_locked(deployment.postgres):
            writes = [api.post(f"/leads/{lead['id']}/summarize") for lead in leads]
            reads = [api.get("/leads?limit=1") for _ in range(POOL)]
            answers = await asyncio.gather(*writes, *reads)
            live = await api.get("/health/live")
        after = await api.get("/leads?limit=1")

    for refused in answers[: len(leads)]:
        assert_unavailable(refused)
    assert {answer.status_code for answer in answers[len(leads) :]} <= {200, 503}
    assert (live.status_code, after.status_code) == (200, 200)
    assert await asyncio.to_thread(summarized, client, leads[0])


def an_api(deployment: Deployment) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=deployment.api.url, headers={"x-api-key": KEY}, timeout=20)


def set_read_only(deployment: Deployment, value: str) -> None:
    query(
        deployment.postgres,
        "SET default_transaction_read_only = off",
        f"ALTER SYSTEM SET default_transaction_read_only = {value}",
        "SELECT pg_reload_conf()",
    )
