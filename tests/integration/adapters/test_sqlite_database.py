"""What only SQLite does: one writer, files that fail, plans that must find their index."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from adapters.databases.sql.schema import upgrade
from adapters.databases.sql.unit_of_work import SqlDatabase
from domain.errors import DatabaseUnavailable
from domain.ports import Position
from tests.builders import NOW, a_lead, a_run
from tests.contracts.databases.recording import a_token, requested, stored

LEASE = timedelta(seconds=15)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
def file(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated, tmp_path / "crm.db"))


@pytest.fixture
async def database(file: Path) -> AsyncIterator[SqlDatabase]:
    database = SqlDatabase(f"sqlite:///{file}", busy_seconds=0.05)
    yield database
    await database.close()


async def left_open() -> list[threading.Thread]:
    """The driver's connections, each a thread, that do not end by themselves."""
    connections = [thread for thread in threading.enumerate() if "_connection_" in thread.name]
    for thread in connections:
        await asyncio.to_thread(thread.join, 2)
    return [thread for thread in connections if thread.is_alive()]


async def test_a_file_that_another_process_writes(database: SqlDatabase, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseUnavailable, match="SQLITE_BUSY"):
        await stored(database)

    other.execute("ROLLBACK")
    await stored(database)
    other.close()


async def test_a_file_that_another_process_writes_is_readable(
    database: SqlDatabase, file: Path
) -> None:
    lead = await stored(database)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async with database(reads_only=True) as work:
        assert await work.leads.get(lead.id) == lead

    other.close()


async def test_a_writer_does_not_wait_for_ever_for_another_of_its_process(
    database: SqlDatabase,
) -> None:
    async with database():
        with pytest.raises(DatabaseUnavailable, match="turn"):
            await stored(database)


async def test_a_cancelled_writer_gives_its_turn_to_the_next(database: SqlDatabase) -> None:
    async with database():
        waiting = asyncio.create_task(stored(database))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    await stored(database)


async def test_a_full_disk(database: SqlDatabase) -> None:
    batch = [a_lead(email=f"lead{n}@example.com", notes="x" * 500) for n in range(200)]

    with pytest.raises(DatabaseUnavailable, match="SQLITE_FULL"):
        async with database() as work:
            await work.leads._connection.exec_driver_sql("PRAGMA max_page_count = 1")
            await work.leads.add_new(batch)


async def test_a_file_that_may_not_be_written(database: SqlDatabase) -> None:
    with pytest.raises(DatabaseUnavailable, match="SQLITE_READONLY"):
        async with database() as work:
            await work.leads._connection.exec_driver_sql("PRAGMA query_only = ON")
            await work.leads.add(a_lead())


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    database = SqlDatabase(f"sqlite:///{tmp_path}/nowhere/crm.db")

    with pytest.raises(DatabaseUnavailable, match="SQLITE_CANTOPEN"):
        await database.ping()

    assert await left_open() == []


async def test_a_file_of_another_kind_is_not_kept_open(tmp_path: Path) -> None:
    (tmp_path / "crm.db").write_bytes(b"no database at all" * 100)
    database = SqlDatabase(f"sqlite:///{tmp_path}/crm.db")

    with pytest.raises(DatabaseUnavailable, match="SQLITE_NOTADB"):
        await database.ping()

    assert await left_open() == []


async def test_a_missing_table_is_our_mistake_and_no_outage(tmp_path: Path) -> None:
    database = SqlDatabase(f"sqlite:///{tmp_path}/crm.db")

    with pytest.raises(OperationalError, match="no such table"):
        await stored(database)

    await database.close()


async def test_sweeps_renewals_and_lists_go_by_an_index(database: SqlDatabase, file: Path) -> None:
    said: list[tuple[str, Any]] = []
    event.listen(
        database._engine.sync_engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, *_: said.append(
            (statement, parameters)
        ),
    )
    lead = await stored(database)
    run = await requested(database, lead)
    async with database() as work:
        await work.summary_runs.claim(a_token(), LEASE, 10)
        await work.summary_runs.renew({a_token()}, LEASE)
        await work.summary_runs.add(a_run(lead))
        await work.summary_runs.page(lead.id, 10, Position(NOW, run.id))
        await work.summary_runs.among([run.id])
        await work.leads.page(10, Position(NOW, lead.id))
        await work.leads.matching([("manual", "1")], ["ada@example.com"])
        await work.leads.sole_holders(["+49301234567"])
        await work.leads.hold(["ada@example.com"])

    with sqlite3.connect(file) as plain:
        plans = [
            plan[3]
            for statement, parameters in said
            if not statement.startswith(("BEGIN", "PRAGMA", "INSERT"))
            for plan in plain.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    summary_runs = ("ix_summary_runs_due", "ix_summary_runs_held", "ix_summary_runs_lease")
    for index in (*summary_runs, "ix_leads_phone"):
        assert any(index in plan for plan in plans)
    assert [plan for plan in plans if plan.startswith(("SCAN leads", "SCAN summary_runs"))] == []


async def test_what_is_not_there_is_null_and_not_the_null_of_json(
    database: SqlDatabase, file: Path
) -> None:
    await requested(database, await stored(database))

    with sqlite3.connect(file) as plain:
        assert plain.execute("SELECT error, insight FROM summary_runs").fetchall() == [(None, None)]
