"""Engines that go away under running processes: what still works, and that it all comes back."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import httpx
import pytest

from tests.bad_requests import GOOD
from tests.engines.frozen import frozen
from tests.engines.postgres import OwnPostgres
from tests.engines.redis import OwnRedis, flush
from tests.processes import (
    KEY,
    Process,
    api_of,
    eventually,
    free_port,
    lead_when,
    run_program,
    running,
)


@pytest.fixture
def api(own_postgres: OwnPostgres, own_redis: OwnRedis, tmp_path: Path) -> Iterator[Process]:
    """An API with a worker beside it."""
    environ = {
        "DATABASE_URL": own_postgres.url,
        "REDIS_URL": own_redis.url,
        "API_SECRET_KEY": KEY,
        "CRM_SWEEP": "1 s",
        "CRM_PORT": str(free_port()),
    }
    assert run_program("migrate", environ=environ, folder=tmp_path).returncode == 0
    with ExitStack() as stack:
        api = stack.enter_context(running("api", environ, tmp_path))
        stack.enter_context(running("worker", {**environ, "CRM_PORT": ""}, tmp_path))
        with api_of(api) as client:
            # the worker is there once it has done something
            summarized(client, new_lead(client, "first@example.com"))
        yield api


@pytest.fixture
def client(api: Process) -> Iterator[httpx.Client]:
    with api_of(api) as client:
        yield client


@contextmanager
def killed(server: OwnPostgres | OwnRedis) -> Iterator[None]:
    server.kill()
    try:
        yield
    finally:
        server.start()


def new_lead(client: httpx.Client, email: str = GOOD["email"]) -> dict[str, Any]:
    response = client.post("/leads", json={**GOOD, "email": email})
    assert response.status_code == 201, response.text
    lead: dict[str, Any] = response.json()
    return lead


def summarized(client: httpx.Client, lead: dict[str, Any]) -> dict[str, Any]:
    response = client.post(f"/leads/{lead['id']}/summarize")
    assert response.status_code == 202, response.text
    return lead_when(client, lead["id"], summary_status="ready")


@pytest.mark.parametrize("away", [killed, frozen])
def test_without_redis_nothing_fails_and_nothing_is_lost(
    client: httpx.Client, own_redis: OwnRedis, away: Any
) -> None:
    lead = new_lead(client)
    client.get(f"/leads/{lead['id']}")

    with away(own_redis):
        assert client.get(f"/leads/{lead['id']}").json() == lead
        assert summarized(client, lead)["summary"]
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")

    eventually(lambda: client.get("/health/ready").json()["status"] == "ok")
    assert client.get(f"/leads/{lead['id']}").json()["summary_status"] == "ready"
    assert summarized(client, new_lead(client, "later@example.com"))["summary"]


def test_a_redis_that_lost_everything_is_filled_again(
    client: httpx.Client, own_redis: OwnRedis
) -> None:
    lead = new_lead(client)
    client.get(f"/leads/{lead['id']}")
    flush(own_redis.url)

    assert client.get(f"/leads/{lead['id']}").json() == lead
    assert summarized(client, lead)["summary"]


@pytest.mark.parametrize("away", [killed, frozen])
def test_without_the_database_it_says_so_and_serves_again_by_itself(
    client: httpx.Client, own_postgres: OwnPostgres, away: Any
) -> None:
    lead = new_lead(client)

    with away(own_postgres):
        refused = client.get("/leads")
        assert (refused.status_code, refused.json()["type"]) == (
            503,
            "/problems/database-unavailable",
        )
        assert int(refused.headers["retry-after"]) > 0
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503

    eventually(lambda: client.get("/leads").status_code == 200)
    assert summarized(client, lead)["summary"]


def test_backends_that_are_terminated_are_replaced(
    client: httpx.Client, own_postgres: OwnPostgres
) -> None:
    lead = new_lead(client)
    asyncio.run(terminate_backends(own_postgres))

    eventually(lambda: client.get("/leads").status_code == 200)
    assert summarized(client, lead)["summary"]


def test_a_database_that_turned_read_only_still_reads_and_refuses_to_write(
    client: httpx.Client, own_postgres: OwnPostgres
) -> None:
    """As a primary does after a failover."""
    lead = new_lead(client)
    asyncio.run(set_read_only(own_postgres, "on"))

    eventually(lambda: client.post("/leads", json=GOOD).status_code == 503)
    assert client.get("/leads?limit=1").json()["items"] == [lead]

    asyncio.run(set_read_only(own_postgres, "off"))
    eventually(lambda: client.post("/leads", json=GOOD).status_code == 409)


async def terminate_backends(server: OwnPostgres) -> None:
    connection = await asyncpg.connect(server.url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    await connection.close()


async def set_read_only(server: OwnPostgres, value: str) -> None:
    connection = await asyncpg.connect(server.url)
    await connection.execute("SET default_transaction_read_only = off")
    await connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
