"""The promises to those who wait, on real databases; and what many of them cost."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from domain.lead import LeadId
from entrypoints.container import System
from tests.builders import SOMEBODY, some_details
from tests.contracts.http_waiting import HttpWaitingContract, watch_of
from tests.systems import a_system, work_off_summaries
from tests.turns import until

WAITERS, LEADS, LOOKS = 1000, 20, 4
TICK = timedelta(milliseconds=100)


class TestWaitingOnSqlite(HttpWaitingContract):
    @pytest.fixture
    async def system(self, empty_sqlite_url: str) -> AsyncIterator[System]:
        async with a_system({"DATABASE_URL": empty_sqlite_url}) as system:
            yield system


class TestWaitingOnPostgresAndRedis(HttpWaitingContract):
    @pytest.fixture
    async def system(self, empty_postgres_url: str, fresh_redis_url: str) -> AsyncIterator[System]:
        environ = {"DATABASE_URL": empty_postgres_url, "REDIS_URL": fresh_redis_url}
        async with a_system(environ) as system:
            yield system


async def test_a_thousand_who_wait_cost_one_query_for_each_look(url: str) -> None:
    looks: list[float] = []

    def take_down(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("SELECT"):
            looks.append(time.monotonic())

    async with a_system({"DATABASE_URL": url}) as system:
        crm, watch = system.crm, watch_of(system)
        watch.tick = TICK
        runs = []
        for n in range(LEADS):
            details = some_details(email=f"lead{n}@example.com")
            lead = await crm.create_lead(details, SOMEBODY)
            runs.append(await crm.request_summary(LeadId(lead.id)))
        waiting = [
            asyncio.create_task(crm.await_run(runs[n % LEADS], 30, ())) for n in range(WAITERS)
        ]
        await until(lambda: watch.waiting == WAITERS)

        database: Any = watch.unit_of_work
        event.listen(database._engine.sync_engine, "before_cursor_execute", take_down)
        await until(lambda: len(looks) >= LOOKS)
        took = looks[LOOKS - 1] - looks[0]
        await work_off_summaries(system)
        ended = await asyncio.wait_for(asyncio.gather(*waiting), 10)

    assert took >= (LOOKS - 1) * TICK.total_seconds() * 0.9
    assert {run.state for run in ended} == {"succeeded"}
