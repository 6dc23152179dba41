"""A distributed system on engines of its own, and the states that can befall them."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import httpx
from redis import Redis

from tests.bad_requests import GOOD
from tests.engines.postgres import OwnPostgres
from tests.engines.redis import OwnRedis
from tests.engines.slowed import Slowed
from tests.processes import KEY, Process, api_of, free_port, lead_when, run_program, running

UNAVAILABLE = "/problems/database-unavailable"
ABANDONED = """
SELECT count(*) FROM leads WHERE summary_status = 'processing' AND NOT EXISTS (
  SELECT FROM summary_runs WHERE lead_id = leads.id AND state IN ('pending', 'running'))
"""
"""Leads that wait for a run that nobody will perform: half of a request was written."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """An API and a worker that has done something already, over engines of their own."""

    api: Process
    worker: Process
    postgres: OwnPostgres
    redis: OwnRedis
    environ: Mapping[str, str]


@contextmanager
def deployed(
    folder: Path, redis_answers_after: float = 0.0, **settings: str
) -> Iterator[Deployment]:
    """Settings by their variables; a Redis that is to be slow is so once all is running."""
    with ExitStack() as stack:
        postgres, redis = stack.enter_context(OwnPostgres()), stack.enter_context(OwnRedis())
        proxy = stack.enter_context(Slowed(redis.port))
        environ = {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": f"redis://127.0.0.1:{proxy.port if redis_answers_after else redis.port}/0",
            "API_SECRET_KEY": KEY,
            "CRM_PORT": str(free_port()),
            **settings,
        }
        migrated = run_program("migrate", environ=environ, folder=folder)
        assert migrated.returncode == 0, migrated.stderr
        api = stack.enter_context(running("api", environ, folder))
        alone = {**environ, "CRM_PORT": ""}
        worker = stack.enter_context(running("worker", alone, folder))
        with api_of(api) as client:
            summarized(client, new_lead(client, "first@example.com"))
        proxy.delay = redis_answers_after
        yield Deployment(api, worker, postgres, redis, alone)


def new_lead(client: httpx.Client, email: str) -> dict[str, Any]:
    response = client.post("/leads", json={**GOOD, "email": email})
    assert response.status_code == 201, response.text
    lead: dict[str, Any] = response.json()
    return lead


def asked(client: httpx.Client, lead: dict[str, Any]) -> httpx.Response:
    """The answer to a request for this lead's summary, which was taken."""
    response = client.post(f"/leads/{lead['id']}/summarize")
    assert response.status_code == 202, response.text
    return response


def summarized(client: httpx.Client, lead: dict[str, Any]) -> dict[str, Any]:
    asked(client, lead)
    return lead_when(client, lead["id"], summary_status="ready")


def assert_unavailable(response: httpx.Response) -> None:
    assert (response.status_code, response.json().get("type")) == (503, UNAVAILABLE)
    assert int(response.headers["retry-after"]) > 0


@contextmanager
def killed(server: OwnPostgres | OwnRedis) -> Iterator[None]:
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def out_of_memory(server: OwnRedis) -> Iterator[None]:
    """It refuses to write, as its policy is to evict nothing."""
    with Redis.from_url(server.url) as client:
        client.config_set("maxmemory", 1)
        try:
            yield
        finally:
            client.config_set("maxmemory", 0)


@asynccontextmanager
async def leads_locked(server: OwnPostgres) -> AsyncIterator[None]:
    """Somebody holds every lead's row."""
    connection = await asyncpg.connect(server.url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT FROM leads FOR UPDATE")
            yield
    finally:
        await connection.close()


def query(server: OwnPostgres, *statements: str) -> Any:
    """The last statement's value; each is its own transaction."""

    async def ask() -> Any:
        connection = await asyncpg.connect(server.url)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(ask())
