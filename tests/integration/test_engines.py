"""The engines themselves: that they are real, and that our own can be stopped and killed."""

import asyncio
import os
import signal
from collections.abc import Callable

import asyncpg  # type: ignore[import-untyped]
import pytest
from redis.asyncio import Redis

from tests.engines.arms import Unavailable
from tests.engines.choice import postgres_engine
from tests.engines.postgres import OwnPostgres, fresh_database
from tests.engines.redis import OwnRedis, version


async def sql(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_new_database_is_empty_and_apart_from_the_others(
    new_database: Callable[[], str],
) -> None:
    first, second = new_database(), new_database()
    await sql(first, "CREATE TABLE lead (id int)")

    assert await sql(first, "SELECT to_regclass('lead')::text") == "lead"
    assert await sql(second, "SELECT to_regclass('lead')::text") is None


async def test_a_database_is_dropped_on_leaving_even_while_a_client_holds_it(
    postgres_url: str,
) -> None:
    with fresh_database(postgres_url) as url:
        name = url.rpartition("/")[2].partition("?")[0]
        client = await asyncpg.connect(url)

    there = f"SELECT count(*) FROM pg_database WHERE datname = '{name}'"
    assert await sql(postgres_url, there) == 0
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await client.fetchval("SELECT 1")


async def test_postgres_is_recent_and_speaks_utf8(database_url: str) -> None:
    assert int(str(await sql(database_url, "SHOW server_version_num"))) >= 130_000
    assert await sql(database_url, "SHOW server_encoding") == "UTF8"


async def test_a_fresh_redis_holds_nothing(fresh_redis_url: str) -> None:
    async with Redis.from_url(fresh_redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("left", "behind")


async def test_what_one_test_left_in_redis_is_gone_in_the_next(fresh_redis_url: str) -> None:
    async with Redis.from_url(fresh_redis_url) as client:
        assert await client.get("left") is None


async def test_an_own_postgres_keeps_port_and_data_over_restart_and_kill(
    own_postgres: OwnPostgres,
) -> None:
    url, pid = own_postgres.url, own_postgres.pid
    await sql(url, "CREATE TABLE lead AS SELECT 'Ada' AS name")

    own_postgres.restart()
    assert own_postgres.pid != pid
    assert await sql(url, "SELECT name FROM lead") == "Ada"

    await sql(url, "INSERT INTO lead VALUES ('Grace')")
    own_postgres.kill()
    with pytest.raises(ConnectionRefusedError):
        await sql(url, "SELECT 1")
    own_postgres.start()
    assert await sql(url, "SELECT count(*) FROM lead") == 2


async def test_an_own_postgres_starts_again_after_a_kill_in_the_middle_of_its_work(
    own_postgres: OwnPostgres,
) -> None:
    url = own_postgres.url
    asleep = [asyncio.create_task(sql(url, "SELECT pg_sleep(60)")) for _ in range(5)]
    async with asyncio.timeout(10):
        at_work = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
        while await sql(url, at_work) != len(asleep):
            pass

    own_postgres.kill()
    own_postgres.start()

    ends = await asyncio.gather(*asleep, return_exceptions=True)
    assert all(isinstance(end, Exception) for end in ends)
    assert await sql(url, "SELECT 1") == 1


async def test_an_own_redis_keeps_port_and_data_over_restart_and_kill(own_redis: OwnRedis) -> None:
    url, pid = own_redis.url, own_redis.pid
    async with Redis.from_url(url) as client:
        await client.set("lead", "Ada")

    own_redis.restart()
    assert own_redis.pid != pid

    async with Redis.from_url(url) as client:
        assert await client.get("lead") == b"Ada"
        await client.set("lead", "Grace")
    own_redis.kill()
    with pytest.raises(Unavailable):
        version(url)
    own_redis.start()
    async with Redis.from_url(url) as client:
        assert await client.get("lead") == b"Grace"


async def test_a_redis_that_is_not_durable_forgets_at_a_restart() -> None:
    with OwnRedis(durable=False) as server:
        async with Redis.from_url(server.url) as client:
            await client.set("lead", "Ada")
        server.restart()
        async with Redis.from_url(server.url) as client:
            assert await client.get("lead") is None


def test_a_frozen_server_is_stopped_all_the_same(own_redis: OwnRedis) -> None:
    os.kill(own_redis.pid, signal.SIGSTOP)

    own_redis.stop()

    own_redis.start()
    assert version(own_redis.url)


def test_leaving_removes_process_and_data() -> None:
    with OwnPostgres() as server:
        folder, pid = server.folder, server.pid

    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_leaving_after_a_kill_removes_the_data_too() -> None:
    with OwnPostgres() as server:
        server.kill()

    assert not server.folder.exists()


def test_a_named_server_that_does_not_answer_is_an_error_not_a_detour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TEST_ENGINES", raising=False)
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

    with pytest.raises(Unavailable, match="no PostgreSQL to test with; tried\n  env: "):
        postgres_engine().__enter__()


def test_an_unknown_arm_is_named_together_with_the_known_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEST_ENGINES", "magic")

    with pytest.raises(Unavailable, match="TEST_ENGINES=magic is none of env, containers"):
        OwnPostgres()
