"""The cache in Redis keeps every cache's promises, and troubles nobody when Redis does."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import redis.asyncio

from adapters.caches.redis import RedisCache
from application.ports import Hit, Miss
from tests.contracts.caches import KEY, NEW, OLD, TTL, CacheContract
from tests.engines.frozen import frozen
from tests.engines.redis import OwnRedis
from tests.fakes.http_server import HttpServer, Reply
from tests.processes import free_port

GENEROUS = timedelta(seconds=5)
"""A deadline that a loaded machine keeps; those of the tests below are the subject there."""


@pytest.fixture
async def cache(fresh_redis_url: str) -> AsyncIterator[RedisCache]:
    cache = RedisCache(fresh_redis_url, deadline=GENEROUS)
    yield cache
    await cache.close()


class TestRedisCache(CacheContract):
    adapter = "caches.redis"


async def test_two_processes_share_what_is_kept(cache: RedisCache, fresh_redis_url: str) -> None:
    other = RedisCache(fresh_redis_url, deadline=GENEROUS)
    await cache.read(KEY, "t1")
    await cache.fill(KEY, "t1", OLD, TTL)

    assert await other.read(KEY, "t2") == Hit(OLD)
    await other.close()


GARBAGE = [
    b"", b"x", b"{}", b"T", b"Test", b"D", b"D12", b"Dnonsense", b"D00000000000000x1{}", b"F12",
    b"X0000000000000001{}", b"\x80\x04N.",
]  # fmt: skip


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_is_a_miss_and_heals(cache: RedisCache, client: Any, garbage: bytes) -> None:
    await client.set(KEY, garbage)

    assert isinstance(await cache.read(KEY, "t1"), Miss)
    assert await cache.read(KEY, "t2") == Miss("t2")


async def test_another_type_under_our_key_is_a_miss_and_heals(
    cache: RedisCache, client: Any
) -> None:
    await client.lpush(KEY, "x")

    assert isinstance(await cache.read(KEY, "t1"), Miss)
    assert await cache.read(KEY, "t2") == Miss("t2")


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_a_writer_fences_over_garbage_and_drops_it(
    cache: RedisCache, client: Any, garbage: bytes
) -> None:
    await client.set(KEY, garbage)
    await client.set("another key", garbage)

    await cache.fence(KEY, 2)

    assert await cache.put(KEY, NEW, TTL)
    assert not await cache.put("another key", NEW, TTL)
    assert await cache.read("another key", "t1") == Miss("t1")


async def test_a_writer_fences_over_another_type(cache: RedisCache, client: Any) -> None:
    await client.lpush(KEY, "x")

    await cache.fence(KEY, 2)

    assert await cache.put(KEY, NEW, TTL)


async def test_after_a_wipe_who_read_the_old_row_cannot_fill(
    cache: RedisCache, client: Any
) -> None:
    """A wipe takes the fence along; the token of who missed before it does not come back."""
    await cache.read(KEY, "slow")
    await cache.fence(KEY, 2)
    await client.flushdb()
    await cache.read(KEY, "next")
    await cache.put(KEY, NEW, TTL)

    assert not await cache.fill(KEY, "slow", OLD, TTL)
    assert not await cache.fill(KEY, "next", OLD, TTL)
    assert await cache.read(KEY, "t1") == Miss("t1")


async def test_everything_that_is_kept_has_an_end(cache: RedisCache, client: Any) -> None:
    await cache.read("a", "t1")
    await cache.fence("b", 2)
    await cache.fence("c", 2)
    await cache.put("c", NEW, TTL)

    lives = [await client.pttl(key) for key in ("a", "b", "c")]

    assert all(0 < life <= 60_000 for life in lives)


async def test_a_redis_that_is_not_there_is_a_miss() -> None:
    cache = RedisCache(f"redis://127.0.0.1:{free_port()}/0")

    assert await cache.read(KEY, "t1") == Miss(None)
    assert not await cache.fill(KEY, "t1", OLD, TTL)
    await cache.fence(KEY, 2)
    assert not await cache.put(KEY, NEW, TTL)
    await cache.close()


async def test_a_redis_that_does_not_answer_is_a_miss_by_the_deadline(
    own_redis: OwnRedis,
) -> None:
    hasty = RedisCache(own_redis.url, deadline=timedelta(milliseconds=25))
    with frozen(own_redis):
        async with asyncio.timeout(5):
            assert await hasty.read(KEY, "t1") == Miss(None)
    await hasty.close()


async def test_an_answer_that_came_too_late_is_not_taken_for_another(
    own_redis: OwnRedis,
) -> None:
    """A connection with an unread reply must not be used again."""
    patient = RedisCache(own_redis.url, deadline=GENEROUS)
    for key, document in (("a", OLD), ("b", NEW)):
        await patient.read(key, "t")
        await patient.fill(key, "t", document, TTL)
    hasty = RedisCache(own_redis.url, deadline=timedelta(milliseconds=50))
    await hasty.read("a", "t")
    with frozen(own_redis):
        assert await hasty.read("a", "t") == Miss(None)

    async with asyncio.timeout(5):
        while not isinstance(found := await hasty.read("b", "t"), Hit):
            await asyncio.sleep(0.01)

    assert found == Hit(NEW)
    await patient.close()
    await hasty.close()


async def test_a_full_redis_shows_nothing_old(own_redis: OwnRedis) -> None:
    cache = RedisCache(own_redis.url, deadline=GENEROUS)
    client: Any = redis.asyncio.Redis.from_url(own_redis.url)
    for key in ("a", "b"):
        await cache.read(key, "t")
        await cache.fill(key, "t", OLD, TTL)
    await client.config_set("maxmemory", 1)

    await cache.fence("a", 2)
    shown = await cache.read("a", "t1")
    await cache.put("b", NEW, TTL)

    assert shown == Miss(None)
    assert isinstance(await cache.read("b", "t1"), Miss)
    await client.aclose()
    await cache.close()


async def test_writers_are_heard_though_readers_gave_up(own_redis: OwnRedis) -> None:
    """A fence that is left out can leave an old document standing, for other processes too."""
    patient = RedisCache(own_redis.url, deadline=GENEROUS)
    await patient.read(KEY, "t")
    await patient.fill(KEY, "t", OLD, TTL)
    hasty = RedisCache(own_redis.url, deadline=timedelta(microseconds=1), write_deadline=GENEROUS)
    for _ in range(10):
        await hasty.read(KEY, "t")

    await hasty.fence(KEY, 2)

    assert await patient.read(KEY, "t") == Miss(None)
    assert await hasty.put(KEY, NEW, TTL)
    await patient.close()
    await hasty.close()


async def test_a_writer_of_many_leads_does_not_run_out_of_time_behind_itself() -> None:
    ended = asyncio.Event()

    async def answer_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while asked := (await reader.read(65_536)).count(b"EVALSHA"):
            await asyncio.sleep(0.0025 * asked)
            writer.write(b":1\r\n" * asked)
        writer.close()
        ended.set()

    server = await asyncio.start_server(answer_slowly, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    cache = RedisCache(f"redis://127.0.0.1:{port}/0", write_deadline=timedelta(milliseconds=250))

    kept = await asyncio.gather(*(cache.put(f"{KEY}{n}", NEW, TTL) for n in range(160)))

    assert all(kept)
    await cache.close()
    await ended.wait()
    server.close()


async def test_a_ping_comes_back_in_time(own_redis: OwnRedis) -> None:
    cache = RedisCache(own_redis.url)
    with frozen(own_redis), pytest.raises(TimeoutError):
        async with asyncio.timeout(5) as patience:
            await cache.ping()
    assert not patience.expired()
    await cache.close()


async def test_when_redis_is_back_it_is_used_again_and_told_of_once(
    own_redis: OwnRedis, caplog: pytest.LogCaptureFixture
) -> None:
    cache = RedisCache(own_redis.url, deadline=timedelta(seconds=1))
    await cache.read(KEY, "t")
    with caplog.at_level(logging.INFO, "adapters"):
        await asyncio.to_thread(own_redis.stop)
        for _ in range(20):
            await cache.read(KEY, "t")
        await asyncio.to_thread(own_redis.start)
        async with asyncio.timeout(20):
            while await cache.read(KEY, "t1") == Miss(None):
                await asyncio.sleep(0.01)

    assert [record.message for record in caplog.records] == [
        "the cache is away",
        "the cache is back",
    ]
    await cache.close()


async def test_a_redis_that_is_away_is_left_alone_and_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with HttpServer(lambda _: Reply(reset=True)) as server:
        cache = RedisCache(f"redis://127.0.0.1:{server.port}/0")
        with caplog.at_level(logging.INFO):
            for n in range(20):
                await cache.read(f"{KEY}{n}", "t")
        await cache.close()

    assert [record.message for record in caplog.records] == ["the cache is away"]


async def test_a_crowd_of_callers_is_served(cache: RedisCache) -> None:
    found = await asyncio.gather(*(cache.read(f"{KEY}{n}", f"t{n}") for n in range(500)))

    assert found == [Miss(f"t{n}") for n in range(500)]


async def test_what_could_not_be_fenced_is_not_shown_when_redis_is_back(
    own_redis: OwnRedis,
) -> None:
    """A writer that was cut off must not find its old row again afterwards."""
    cache = RedisCache(own_redis.url, timedelta(milliseconds=25), timedelta(milliseconds=50))
    await cache.read(KEY, "t1")
    await cache.fill(KEY, "t1", OLD, TTL)
    with frozen(own_redis):
        await cache.fence(KEY, NEW.version)
        await cache.put(KEY, NEW, TTL)

    async with asyncio.timeout(10):
        while (found := await cache.read(KEY, "t2")) == Miss(None):
            await asyncio.sleep(0.01)

    assert found == Miss("t2")
    await cache.close()


async def test_a_writer_takes_an_answer_that_came_while_its_loop_was_held_up(
    own_redis: OwnRedis,
) -> None:
    cache = RedisCache(own_redis.url, write_deadline=timedelta(milliseconds=100))
    client: Any = redis.asyncio.Redis.from_url(own_redis.url)
    await cache.fence("another key", 1)
    await client.client_pause(50)

    fencing = asyncio.create_task(cache.fence(KEY, 2))
    await asyncio.sleep(0.01)
    time.sleep(0.3)  # noqa: ASYNC251 - that is the hold-up
    await fencing

    assert await cache.put(KEY, NEW, TTL)
    await client.aclose()
    await cache.close()


async def test_a_reader_takes_an_answer_that_came_while_its_loop_was_held_up(
    fresh_redis_url: str,
) -> None:
    cache = RedisCache(fresh_redis_url, GENEROUS)
    await cache.read(KEY, "t")
    assert await cache.fill(KEY, "t", OLD, TTL)
    cache._guarded._deadline = 0.025

    reading = asyncio.create_task(cache.read(KEY, "t"))
    await asyncio.sleep(0)
    time.sleep(0.1)  # noqa: ASYNC251 - that is the hold-up

    assert await reading == Hit(OLD)
    await cache.close()


async def test_where_a_fence_could_not_be_what_stands_is_gone_before_the_writer_is_answered(
    own_redis: OwnRedis,
) -> None:
    cache = RedisCache(own_redis.url, GENEROUS, GENEROUS)
    other = RedisCache(own_redis.url, GENEROUS, GENEROUS)
    await other.read(KEY, "t")
    assert await other.fill(KEY, "t", OLD, TTL)
    cache._guarded._write_deadline = 0.05
    with frozen(own_redis):
        await cache.fence(KEY, NEW.version)
    cache._guarded._write_deadline = GENEROUS.total_seconds()

    await cache.put(KEY, NEW, TTL)

    assert await other.read(KEY, "u") == Miss("u")
    await cache.close()
    await other.close()


async def test_an_old_row_that_was_filled_in_before_the_commit_does_not_stay(
    own_redis: OwnRedis,
) -> None:
    """The fence failed, its key was deleted, and then another process filled in the old row."""
    cache = RedisCache(own_redis.url, timedelta(milliseconds=50), timedelta(milliseconds=50))
    other = RedisCache(own_redis.url, GENEROUS)
    with frozen(own_redis):
        await cache.fence(KEY, NEW.version)
    async with asyncio.timeout(10):
        while await cache.read("another key", "t") == Miss(None):
            await asyncio.sleep(0.01)
    await other.read(KEY, "t1")
    assert await other.fill(KEY, "t1", OLD, TTL)

    with frozen(own_redis):
        assert not await cache.put(KEY, NEW, TTL)

    async with asyncio.timeout(10):
        while isinstance(await other.read(KEY, "t2"), Hit):
            await asyncio.sleep(0.01)
    await cache.close()
    await other.close()
