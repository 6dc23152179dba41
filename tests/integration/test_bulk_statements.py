"""A batch costs the same few statements, however many rows it has."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import event

from adapters.databases.sql import copying
from adapters.databases.sql.postgres_connection import PostgresConnection
from adapters.databases.sql.prepared import Prepared
from domain.batch import BatchMode, LeadBatch, Verdict
from entrypoints.container import System
from tests.builders import SOMEBODY
from tests.systems import a_system


@pytest.fixture
async def system(url: str) -> AsyncIterator[System]:
    async with a_system({"DATABASE_URL": url}) as system:
        yield system


async def statements_of(system: System, batch: LeadBatch, verdict: Verdict) -> Counter[str]:
    """How many of each kind, for a batch whose rows all have this verdict."""
    kinds = Counter[str]()

    def take_down(_: Any, __: Any, statement: str, *___: Any) -> None:
        kinds[statement.split(maxsplit=1)[0]] += 1

    def prepared(connection: PostgresConnection, statement: Prepared, values: Any) -> Any:
        take_down(None, None, statement.text)
        return run(connection, statement, values)

    run = PostgresConnection._run
    database: Any = system.crm.take_in_batch.unit_of_work
    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", take_down)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PostgresConnection, "_run", prepared)
        fates = await system.crm.take_in_batch(batch, SOMEBODY)
    event.remove(engine, "before_cursor_execute", take_down)
    assert {fate.verdict for fate in fates} == {verdict}
    return Counter({kind: n for kind, n in kinds.items() if kind not in {"BEGIN", "PRAGMA"}})


@pytest.mark.parametrize("count", [1, 500])
async def test_a_batch_takes_a_statement_for_each_step(
    system: System, url: str, count: int
) -> None:
    # a COPY is none of SQLAlchemy's statements, but has a savepoint of its own
    copies = count >= copying.FROM and not url.startswith("sqlite")

    def inserts(number: int) -> dict[str, int]:
        return dict.fromkeys(("SAVEPOINT", "RELEASE") if copies else ("INSERT",), number)

    def batch(company: str, **but: Any) -> LeadBatch:
        rows = [
            {"name": "L", "email": f"l{n}@example.com", "external_id": str(n), "company": company}
            for n in range(count)
        ]
        return LeadBatch(rows, **but)

    created = await statements_of(system, batch("Navy"), Verdict.CREATED)
    taken = await statements_of(system, batch("Navy"), Verdict.DUPLICATE)
    changed = await statements_of(system, batch("ACME", mode=BatchMode.UPSERT), Verdict.UPDATED)
    same = await statements_of(system, batch("ACME", mode=BatchMode.UPSERT), Verdict.UNCHANGED)
    foretold = await statements_of(system, batch("Navy", dry_run=True), Verdict.DUPLICATE)

    # one of the looks is for the key of who was deleted, and is the only one of this process
    assert created == {"SELECT": 3, **inserts(2), "DELETE": 1}
    assert taken == {"SELECT": 1}
    assert changed == {"SELECT": 2, "UPDATE": 1, **inserts(1)}
    assert same == {"SELECT": 2}
    assert foretold == {"SELECT": 1}
