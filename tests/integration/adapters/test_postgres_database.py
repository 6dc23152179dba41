"""What only PostgreSQL does: it is elsewhere, and may be away, late, full or read-only."""

import asyncio
import os
import signal
import time
import traceback
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError

from adapters.databases.sql.schema import upgrade
from adapters.databases.sql.unit_of_work import SqlDatabase
from adapters.system import SystemClock, UuidV7Ids
from application.create_lead import CreateLead
from domain.errors import DatabaseUnavailable, DuplicateLead
from domain.insight import SummarizerAnswer
from tests.builders import NOW, SOMEBODY, a_basis, a_lead, a_run, an_insight, some_details
from tests.contracts.databases.recording import a_token, requested, run_of, stored
from tests.engines.postgres import OwnPostgres


@pytest.fixture
async def database(empty_postgres_url: str) -> AsyncIterator[SqlDatabase]:
    """With one connection, so that a leaked one is missed at once."""
    database = SqlDatabase(
        empty_postgres_url, pool_size=1, connect_seconds=0.5, statement_seconds=0.3
    )
    yield database
    await database.close()


async def test_a_database_of_another_name_is_an_outage(empty_postgres_url: str) -> None:
    database = SqlDatabase(f"{empty_postgres_url}_gone")

    with pytest.raises(DatabaseUnavailable, match="InvalidCatalogNameError"):
        await database.ping()


async def test_the_url_may_ask_for_tls_as_hosted_databases_do(empty_postgres_url: str) -> None:
    database = SqlDatabase(f"{empty_postgres_url}?sslmode=prefer")

    await database.ping()

    await database.close()


async def test_a_server_that_may_not_write_now(database_url: str) -> None:
    await upgrade(database_url)
    connection = await asyncpg.connect(database_url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await connection.close()
    database = SqlDatabase(database_url)

    with pytest.raises(DatabaseUnavailable, match="ReadOnlySQLTransactionError"):
        await stored(database)

    await database.close()


@pytest.mark.parametrize("ahead", [0, 2], ids=["together", "one behind the other"])
async def test_who_must_wait_for_a_key_holds_up_nobody_else(
    empty_postgres_url: str, ahead: int
) -> None:
    database = SqlDatabase(empty_postgres_url)
    create, holder = CreateLead(database, SystemClock(), UuidV7Ids()), a_lead()

    async with database() as holding:
        await holding.leads.add(holder)
        stuck = asyncio.create_task(create(some_details(email=holder.email), SOMEBODY))
        for _ in range(ahead):
            await asyncio.sleep(0)
        beside = [create(some_details(email=f"{n}@example.com"), SOMEBODY) for n in range(2)]
        await asyncio.gather(*beside)
        assert not stuck.done()

    with pytest.raises(DuplicateLead) as refused:
        await stuck
    assert refused.value.existing_id == holder.id
    await database.close()


async def test_who_asks_for_a_lead_that_is_held_holds_up_nobody_who_asks_for_another(
    empty_postgres_url: str,
) -> None:
    database = SqlDatabase(empty_postgres_url)
    busy, free = [await stored(database, email=f"{n}@example.com") for n in range(2)]

    async with database() as holding:
        await holding.leads.get(busy.id, for_update=True)
        async with asyncio.timeout(5), database() as work:
            asked = [(a_run(lead), lead.awaiting_summary(NOW)) for lead in (busy, free)]
            assert await work.requests.ask(asked) == {free.id}

    await database.close()


async def test_no_connection_comes_free_in_time(database: SqlDatabase) -> None:
    async with database():
        with pytest.raises(DatabaseUnavailable, match="cannot connect"):
            await stored(database)

    await stored(database)


async def test_a_connection_handed_to_one_who_just_left_goes_on_to_the_next(
    database: SqlDatabase,
) -> None:
    async with database():
        leaving = asyncio.create_task(stored(database))
        staying = asyncio.create_task(stored(database, email="b@example.com"))
        await asyncio.sleep(0)
    leaving.cancel()

    assert (await staying).email == "b@example.com"
    await asyncio.gather(leaving, return_exceptions=True)
    assert leaving.cancelled()


async def test_a_row_that_somebody_holds_too_long(
    database: SqlDatabase, empty_postgres_url: str
) -> None:
    other = SqlDatabase(empty_postgres_url)
    lead = await stored(database)

    async with other() as work:
        await work.leads.get(lead.id, for_update=True)
        with pytest.raises(DatabaseUnavailable, match="QueryCanceledError"):
            async with database() as late:
                await late.leads.get(lead.id, for_update=True)

    await database.ping()
    await other.close()


async def test_what_was_given_up_does_not_wait_on_in_the_server(
    database: SqlDatabase, empty_postgres_url: str
) -> None:
    """A backend each would use up the server's connections while a lock is held."""
    lead = await stored(database)
    other = await asyncpg.connect(empty_postgres_url)
    async with other.transaction():
        await other.execute("SELECT FROM leads FOR UPDATE")

        for _ in range(3):
            with pytest.raises(DatabaseUnavailable):
                async with database() as work:
                    await work.leads.get(lead.id, for_update=True)

        assert (
            await other.fetchval(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            == 0
        )
    await other.close()


async def test_one_who_is_cancelled_while_waiting_gives_the_connection_back(
    empty_postgres_url: str,
) -> None:
    database, other = SqlDatabase(empty_postgres_url, pool_size=1), SqlDatabase(empty_postgres_url)
    lead = await stored(database)

    async def replace() -> None:
        async with database() as work:
            asked.set()
            await work.leads.save(lead.awaiting_summary(NOW))

    async with other() as work:
        await work.leads.get(lead.id, for_update=True)
        asked = asyncio.Event()
        waiting = asyncio.create_task(replace())
        await asked.wait()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    async with database() as work:
        assert await work.leads.get(lead.id, for_update=True) == lead
    await database.close()
    await other.close()


async def test_a_connection_that_the_server_ends_within_a_transaction(
    database: SqlDatabase, empty_postgres_url: str
) -> None:
    lead = a_lead()

    with pytest.raises(DatabaseUnavailable):
        async with database() as work:
            await work.leads.add(lead)
            await _end_all_others(empty_postgres_url)
            await work.leads.add(a_lead(email="b@example.com"))

    async with database(reads_only=True) as work:
        assert await work.leads.get(lead.id) is None


async def test_connections_that_ended_in_the_pool_are_replaced_unnoticed(
    own_postgres: OwnPostgres,
) -> None:
    database = SqlDatabase(own_postgres.url)
    await asyncio.gather(*(database.ping() for _ in range(5)))

    await asyncio.to_thread(own_postgres.restart)

    await asyncio.gather(*(database.ping() for _ in range(5)))
    await database.close()


@pytest.mark.parametrize("steps", range(5))
async def test_a_connection_is_an_outage_however_far_its_end_has_come(
    database: SqlDatabase, empty_postgres_url: str, steps: int
) -> None:
    """The server's last word may have been read, and not yet that it hung up."""
    async with database(reads_only=True) as work:
        await work.leads.page(1, after=None)

    # in a thread that is waited for, so that this loop has read nothing of it yet
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, _end_all_others(empty_postgres_url)).result()
    for _ in range(steps):
        await asyncio.sleep(0)

    with suppress(DatabaseUnavailable):
        await stored(database)
    await stored(database, email="b@example.com")


async def test_a_server_that_is_frozen_is_told_in_time(own_postgres: OwnPostgres) -> None:
    await upgrade(own_postgres.url)
    database = SqlDatabase(
        own_postgres.url, pool_size=1, connect_seconds=0.3, statement_seconds=1.0
    )
    async with database() as work:
        backend = await work.leads._connection.exec_driver_sql("SELECT pg_backend_pid()")
        processes = (backend.scalar_one(), own_postgres.pid)
    for process in processes:
        os.kill(process, signal.SIGSTOP)

    took = []
    for _ in ("over the pooled connection", "over a new one"):
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match="TimeoutError"):
            await stored(database, email="b@example.com")
        took.append(time.monotonic() - began)

    for process in processes:
        os.kill(process, signal.SIGCONT)
    await stored(database, email="c@example.com")
    assert took[0] < 1.8
    assert took[1] < 1.1
    await database.close()


async def test_an_error_repeats_nothing_of_the_row_that_failed(database: SqlDatabase) -> None:
    with pytest.raises(IntegrityError, match="not-null") as told:
        await stored(database, name="Zenobia", created_at=None)

    assert "Failing row" not in "".join(traceback.format_exception(told.value))


async def test_a_clash_of_ids_is_our_mistake_and_not_a_duplicate(database: SqlDatabase) -> None:
    lead = await stored(database)

    with pytest.raises(IntegrityError, match="leads"):
        await stored(database, id=lead.id, email="b@example.com")


async def test_a_worker_passes_over_what_another_is_just_claiming(empty_postgres_url: str) -> None:
    database = SqlDatabase(empty_postgres_url)
    lease = timedelta(seconds=15)
    leads = [await stored(database, email=f"lead{n}@example.com") for n in range(2)]
    async with database() as work:
        for lead in leads:
            await work.summary_runs.add(a_run(lead))

    async with database() as first, database() as second:
        taken = await first.summary_runs.claim(a_token(), lease, 1)
        left = await second.summary_runs.claim(a_token(), lease, 2)

    assert len(taken) == len(left) == 1
    assert taken[0].id != left[0].id
    await database.close()


async def test_the_largest_batch_is_added_in_one_statement(empty_postgres_url: str) -> None:
    database = SqlDatabase(empty_postgres_url)
    batch = [a_lead(email=f"lead{n}@example.com", external_id=str(n)) for n in range(5_000)]

    async with database() as work:
        added = await work.leads.add_new(batch)

    assert added == {lead.id for lead in batch}
    await database.close()


async def _end_all_others(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


async def test_a_database_that_knows_no_encoding_keeps_every_letter(postgres_url: str) -> None:
    """As clusters made without a locale have it: JSON escapes would be refused there."""
    name = f"crm_ascii_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(postgres_url)
    await admin.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII'"
        " LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    try:
        await upgrade(url)
        database = SqlDatabase(url)
        lead = await stored(database, name="Zo\u00eb \U0001f980")
        await requested(database, lead)
        async with database() as work:
            (held,) = await work.summary_runs.claim(a_token(), timedelta(seconds=30), 1)
        answer = SummarizerAnswer(
            insight=an_insight(summary="\u201cZo\u00eb\u201d"),
            provider="fake",
            model="m",
            prompt_version="1",
        )
        async with database() as work:
            assert held.lease_token is not None
            await work.summary_runs.settle(held.answered(answer, a_basis(), NOW), held.lease_token)

        assert (await run_of(database, held)).insight == answer.insight
        await database.close()
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
