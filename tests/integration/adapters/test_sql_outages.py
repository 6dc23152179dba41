"""What the surroundings do to a SQL database is told as DatabaseUnavailable, in time."""

import sqlite3
from pathlib import Path

import pytest

from adapters.databases.sql.engine import (
    BUSY_SECONDS,
    CONNECT_SECONDS,
    SERVER_SECONDS,
    STATEMENT_SECONDS,
)
from adapters.databases.sql.unit_of_work import SqlDatabase
from domain.errors import DatabaseUnavailable
from domain.lead import Lead
from tests.builders import NOW, a_lead
from tests.contracts.databases.recording import RecordingHook, stored
from tests.engines.postgres import OwnPostgres
from tests.processes import free_port


async def test_a_postgres_that_is_not_there() -> None:
    database = SqlDatabase(f"postgresql://nobody:hunter2@127.0.0.1:{free_port()}/crm")

    with pytest.raises(DatabaseUnavailable) as told:
        await stored(database)

    assert "hunter2" not in str(told.value)
    await database.close()


def test_whatever_it_waits_for_a_request_is_told_within_five_seconds() -> None:
    assert CONNECT_SECONDS + STATEMENT_SECONDS + SERVER_SECONDS < 5
    assert 2 * BUSY_SECONDS < 5


async def test_a_postgres_that_was_restarted_serves_again_without_a_new_engine(
    own_postgres: OwnPostgres,
) -> None:
    database = SqlDatabase(own_postgres.url)
    await database.ping()
    own_postgres.stop()
    with pytest.raises(DatabaseUnavailable):
        await database.ping()
    own_postgres.start()

    for _ in range(2):
        try:
            await database.ping()
        except DatabaseUnavailable:
            # each pooled connection may have to find out once
            continue

    await database.ping()
    await database.close()


async def test_a_sqlite_file_that_another_process_writes(
    empty_sqlite_url: str, tmp_path: Path
) -> None:
    database = SqlDatabase(empty_sqlite_url, busy_seconds=0.05)
    other = sqlite3.connect(tmp_path / "crm.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseUnavailable):
        await stored(database)

    other.execute("ROLLBACK")
    await stored(database)
    other.close()
    await database.close()


async def test_writers_in_one_process_do_not_wait_for_ever(empty_sqlite_url: str) -> None:
    database = SqlDatabase(empty_sqlite_url, busy_seconds=0.05)

    async with database():
        with pytest.raises(DatabaseUnavailable):
            await stored(database)

    await database.close()


async def test_a_read_only_sqlite_file_is_readable_and_tells_that_it_cannot_be_written(
    empty_sqlite_url: str,
) -> None:
    database = SqlDatabase(empty_sqlite_url)

    with pytest.raises(DatabaseUnavailable):
        async with database(reads_only=True) as work:
            await work.leads._connection.exec_driver_sql("PRAGMA query_only = ON")
            await work.leads.add(a_lead())

    await database.close()


async def test_a_commit_that_fails_is_not_swallowed(empty_postgres_url: str) -> None:
    """A deferred constraint fails at the commit, and only there."""
    hook = RecordingHook()
    database = SqlDatabase(empty_postgres_url, hook)
    lead: Lead = await stored(database)

    with pytest.raises(Exception, match="deferred"):
        async with database() as work:
            await work.leads.save(lead.awaiting_summary(NOW))
            for statement in (
                "CREATE TEMPORARY TABLE t (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)",
                "ALTER TABLE t RENAME CONSTRAINT t_n_key TO deferred",
                "INSERT INTO t VALUES (1), (1)",
            ):
                await work.leads._connection.exec_driver_sql(statement)

    async with database(reads_only=True) as work:
        assert await work.leads.get(lead.id) == lead
    assert [moment for moment, _ in hook.told] == ["before"]
    await database.close()


async def test_an_error_does_not_repeat_what_was_written(empty_postgres_url: str) -> None:
    database = SqlDatabase(empty_postgres_url)
    lead = a_lead(company="Secret Ltd", created_at=None)

    with pytest.raises(Exception, match="created_at") as told:
        async with database() as work:
            await work.leads.add(lead)

    assert "parameters hidden" in str(told.value)
    await database.close()
