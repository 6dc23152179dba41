"""Many leads go into PostgreSQL by COPY, which knows no conflicts and is no statement of ours."""

import asyncio
import traceback
from collections.abc import AsyncIterator

import asyncpg  # type: ignore[import-untyped]
import pytest

from adapters.databases.sql.copying import FROM
from adapters.databases.sql.unit_of_work import SqlDatabase
from domain.errors import DatabaseUnavailable
from domain.lead import Lead, LeadId
from tests.builders import a_lead

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY%'"


@pytest.fixture
async def database(empty_postgres_url: str) -> AsyncIterator[SqlDatabase]:
    """With one connection, so that one that is lost or left in a state is missed at once."""
    database = SqlDatabase(
        empty_postgres_url, pool_size=1, connect_seconds=0.5, statement_seconds=5
    )
    yield database
    await database.close()


@pytest.fixture
async def other(empty_postgres_url: str) -> AsyncIterator[SqlDatabase]:
    database = SqlDatabase(empty_postgres_url)
    yield database
    await database.close()


@pytest.fixture
async def server(empty_postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(empty_postgres_url)
    yield connection
    await connection.close()


def many() -> list[Lead]:
    return [a_lead(email=f"lead{n}@example.com") for n in range(FROM)]


async def added(database: SqlDatabase) -> set[LeadId]:
    async with database() as work:
        return await work.leads.add_new(many())


async def waiting_on(server: asyncpg.Connection) -> int:
    while not (pid := await server.fetchval(WAITING)):
        await asyncio.sleep(0.01)
    return int(pid)


async def test_a_key_that_somebody_takes_meanwhile_is_left_to_them(
    database: SqlDatabase, other: SqlDatabase, server: asyncpg.Connection
) -> None:
    async with other() as work:
        await work.leads.add(a_lead(email="lead7@example.com"))
        adding = asyncio.create_task(added(database))
        await waiting_on(server)

    assert len(await adding) == FROM - 1
    assert await server.fetchval("SELECT count(*) FROM leads") == FROM


@pytest.mark.parametrize("ended", ["pg_terminate_backend", "pg_cancel_backend"])
async def test_a_copy_that_the_server_ends_is_an_outage(
    database: SqlDatabase, other: SqlDatabase, server: asyncpg.Connection, ended: str
) -> None:
    async with other() as work:
        await work.leads.add(a_lead(email="lead7@example.com"))
        adding = asyncio.create_task(added(database))
        await server.execute(f"SELECT {ended}($1::int)", await waiting_on(server))
        with pytest.raises(DatabaseUnavailable):
            await adding

    assert len(await added(database)) == FROM - 1


async def test_one_who_is_cancelled_while_copying_gives_the_connection_back(
    database: SqlDatabase, other: SqlDatabase, server: asyncpg.Connection
) -> None:
    async with other() as work:
        await work.leads.add(a_lead(email="lead7@example.com"))
        adding = asyncio.create_task(added(database))
        await waiting_on(server)
        adding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await adding

    assert len(await added(database)) == FROM - 1


async def test_an_error_repeats_nothing_of_the_rows(database: SqlDatabase) -> None:
    broken = [*many(), a_lead(email="zenobia@example.com", version=None)]

    with pytest.raises(asyncpg.NotNullViolationError) as told:
        async with database() as work:
            await work.leads.add_new(broken)

    assert "zenobia" not in "".join(traceback.format_exception(told.value))
