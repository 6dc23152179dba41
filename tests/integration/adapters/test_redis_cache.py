"""The cache in Redis keeps every cache's promises, and troubles nobody when Redis does."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import redis.asyncio

from adapters.caches.redis import RedisCache
from application.ports import Hit, Miss
from tests.contracts.caches import KEY, NEW, OLD, TTL, CacheContract
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


@pytest.fixture
async def client(fresh_redis_url: str) -> AsyncIterator[Any]:
    client = redis.asyncio.Redis.from_url(fresh_redis_url)
    yield client
    await client.aclose()


class TestRedisCache(CacheContract):
    adapter = "caches.redis"


async def test_two_processes_share_what_is_kept(cache: RedisCache, fresh_redis_url: str) -> None:
    other = RedisCache(fresh_redis_url, deadline=GENEROUS)
    await cache.read(KEY, "t1")
    await cache.fill(KEY, "t1", OLD, TTL)

    assert await other.read(KEY, "t2") == Hit(OLD)
    await other.close()


@pytest.mark.parametrize("garbage", [b"", b"x", b"{}", b"D", b"Dnonsense", b"F12", b"\x80\x04N."])
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


@contextmanager
def frozen(server: OwnRedis) -> Iterator[None]:
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


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


async def test_more_callers_than_connections_wait_and_are_served(cache: RedisCache) -> None:
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
