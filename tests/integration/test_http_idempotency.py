"""Idempotency-Key on real databases, and between processes."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.databases.sql.receipts import PATIENCE_SECONDS
from adapters.databases.sql.unit_of_work import SqlDatabase
from domain.lead import LeadId
from entrypoints.container import System
from tests.bad_requests import GOOD
from tests.contracts.http_idempotency import HttpIdempotencyContract, is_replay, send, watched
from tests.systems import a_client, a_system, another_api


class TestIdempotencyOnSqlite(HttpIdempotencyContract):
    @pytest.fixture
    async def system(self, empty_sqlite_url: str) -> AsyncIterator[System]:
        async with a_system({"DATABASE_URL": empty_sqlite_url}) as system:
            yield system


class TestIdempotencyOnPostgresAndRedis(HttpIdempotencyContract):
    """Another process knows nothing of this one: PostgreSQL lets the second wait for the first."""

    @pytest.fixture
    async def system(self, empty_postgres_url: str, fresh_redis_url: str) -> AsyncIterator[System]:
        environ = {"DATABASE_URL": empty_postgres_url, "REDIS_URL": fresh_redis_url}
        async with a_system(environ) as system:
            yield system

    async def test_another_process_waits_a_while_and_says_so(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        working, may_commit = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            working.set()
            await may_commit.wait()

        async with (
            a_client(watched(system, "create_lead", before_commit=hold)) as slow,
            another_api(system) as other,
        ):
            answering = asyncio.create_task(send(slow, "/leads", GOOD))
            await working.wait()
            began = time.monotonic()
            early = await send(other, "/leads", GOOD)
            waited = time.monotonic() - began
            asking = asyncio.create_task(send(other, "/leads", GOOD))
            may_commit.set()
            first, again = await asyncio.gather(answering, asking)

        assert (early.status_code, early.json()["type"]) == (
            409,
            "/problems/idempotency-key-in-flight",
        )
        assert waited < 2.5
        assert is_replay(again, first)

    async def test_a_lead_is_waited_for_as_long_as_without_a_key(
        self, client: httpx.AsyncClient, empty_postgres_url: str
    ) -> None:
        lead_id = (await send(client, "/leads", GOOD)).json()["id"]
        holder = SqlDatabase(empty_postgres_url)

        async with holder() as work:
            await work.leads.get(LeadId(lead_id), for_update=True)
            asking = asyncio.create_task(send(client, f"/leads/{lead_id}/summarize"))
            await asyncio.wait({asking}, timeout=PATIENCE_SECONDS + 0.3)

        assert (await asking).status_code == 202
        await holder.close()
