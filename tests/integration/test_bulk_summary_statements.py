"""A request for many summaries costs the same few statements, however many leads it has."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import event

from adapters.databases.sql.postgres_connection import PostgresConnection
from adapters.databases.sql.prepared import Prepared
from domain.batch import LeadBatch
from domain.bulk_summary import BulkRequest, BulkStatus
from entrypoints.container import System
from tests.builders import SOMEBODY
from tests.systems import a_system, work_off_summaries

ASKED = BulkRequest(limit=1_000)


@pytest.fixture
async def system(url: str) -> AsyncIterator[System]:
    async with a_system({"DATABASE_URL": url}) as system:
        yield system


async def take_in(system: System, count: int) -> None:
    rows = [{"name": "L", "email": f"l{n}@example.com"} for n in range(count)]
    for start in range(0, count, 500):
        await system.crm.take_in_batch(LeadBatch(rows[start : start + 500]), SOMEBODY)


async def statements_of(system: System, asked: BulkRequest) -> tuple[BulkStatus, Counter[str]]:
    """How many of each kind a request takes, and what came of it."""
    kinds = Counter[str]()

    def take_down(_: Any, __: Any, statement: str, *___: Any) -> None:
        kinds[statement.split(maxsplit=1)[0]] += 1

    database: Any = system.crm.summarize_leads.unit_of_work
    engine = database._engine.sync_engine
    run_prepared = PostgresConnection._run

    async def run_and_take_down(
        self: PostgresConnection, statement: Prepared, values: Mapping[str, Any]
    ) -> list[Sequence[Any]]:
        take_down(None, None, statement.text)
        return await run_prepared(self, statement, values)

    event.listen(engine, "before_cursor_execute", take_down)
    began = time.perf_counter()
    with patch.object(PostgresConnection, "_run", run_and_take_down):
        status = await system.crm.summarize_leads(asked)
    took = time.perf_counter() - began
    event.remove(engine, "before_cursor_execute", take_down)
    bulk, dialect = status.bulk, engine.dialect.name
    print(
        f"{dialect}: {bulk.matched} leads, {bulk.queued} queued, {bulk.joined} joined, "
        f"{bulk.unchanged} unchanged in {took * 1000:.0f} ms"
    )
    return status, Counter({k: n for k, n in kinds.items() if k not in {"BEGIN", "PRAGMA"}})


@pytest.mark.parametrize("count", [1, 1_000])
async def test_many_leads_take_a_statement_for_each_step(system: System, count: int) -> None:
    await take_in(system, count)

    new, of_new = await statements_of(system, ASKED)
    joined, of_joined = await statements_of(system, ASKED)

    assert (new.bulk.queued, joined.bulk.joined) == (count, count)
    assert of_new == {"SELECT": 3, "INSERT": 3, "UPDATE": 1}
    assert of_joined == {"SELECT": 2, "INSERT": 2}


async def test_summaries_that_are_still_true_take_a_statement_more(system: System) -> None:
    await take_in(system, 20)
    await statements_of(system, ASKED)
    await work_off_summaries(system)

    unchanged, kinds = await statements_of(system, ASKED)

    assert unchanged.bulk.unchanged == 20
    assert kinds == {"SELECT": 3, "INSERT": 1}
