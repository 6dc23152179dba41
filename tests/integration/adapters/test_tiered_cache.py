"""The cache of two levels over a real Redis, which tells what changes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis.asyncio

from adapters.caches.redis import RedisCache
from adapters.caches.tiered import LEASE_SECONDS, TieredCache
from application.ports import Cache, Document, Hit, Miss
from tests.contracts.caches import KEY, NEW, OLD, TTL, CacheContract
from tests.engines.frozen import frozen
from tests.engines.redis import OwnRedis
from tests.engines.slowed import Slowed

GENEROUS = timedelta(seconds=5)
"""A deadline that a loaded machine keeps."""


def a_tiered_cache(url: str) -> TieredCache:
    return TieredCache(RedisCache(url, GENEROUS, GENEROUS))


@pytest.fixture
async def cache(fresh_redis_url: str) -> AsyncIterator[TieredCache]:
    cache = a_tiered_cache(fresh_redis_url)
    yield cache
    await cache.close()


@pytest.fixture
async def writer(fresh_redis_url: str) -> AsyncIterator[RedisCache]:
    """Another process."""
    writer = RedisCache(fresh_redis_url, GENEROUS, GENEROUS)
    yield writer
    await writer.close()


class TestTieredCache(CacheContract):
    adapter = "caches.tiered"


async def filled(cache: Cache, key: str = KEY, document: Document = OLD) -> None:
    """Filled by one reader and found by the next."""
    await cache.read(key, "t1")
    await cache.fill(key, "t1", document, TTL)
    assert await cache.read(key, "t2") == Hit(document)


async def calls(client: Any, command: str = "get") -> int:
    told = await client.info("commandstats")
    return int(told.get(f"cmdstat_{command}", {}).get("calls", 0))


async def shown_until(cache: Cache, shown: Document) -> float:
    """The time at which the last read began that was shown this document."""
    last = time.monotonic()
    async with asyncio.timeout(10):
        while True:
            begun = time.monotonic()
            if await cache.read(KEY, "t") != Hit(shown):
                return last
            last = begun
            await asyncio.sleep(0.001)


async def test_redis_is_not_asked_for_what_is_at_hand(cache: TieredCache, client: Any) -> None:
    await filled(cache)
    before = await calls(client)

    found = [await cache.read(KEY, "t") for _ in range(100)]

    assert found == [Hit(OLD)] * 100
    # a machine that is held up for longer than a lease asks again
    assert await calls(client) - before < 50


@pytest.mark.parametrize("change", ["fence", "delete", "flush", "expire", "evict"])
async def test_what_changes_in_redis_is_told(
    cache: TieredCache, writer: RedisCache, client: Any, change: str
) -> None:
    await filled(cache)

    if change == "fence":
        await writer.fence(KEY, 2)
    elif change == "delete":
        await client.delete(KEY)
    elif change == "flush":
        await client.flushdb()
    elif change == "expire":
        await client.pexpire(KEY, 1)
    else:
        await client.set(KEY, b"another program's")
    changed = time.monotonic()

    await shown_until(cache, OLD)
    assert time.monotonic() - changed < 4  # long before its local time is over
    if change == "fence":
        await writer.put(KEY, NEW, TTL)
        await shown_until_is(cache, NEW)


async def shown_until_is(cache: Cache, document: Document) -> None:
    async with asyncio.timeout(10):
        while await cache.read(KEY, "t") != Hit(document):
            await asyncio.sleep(0.001)


async def test_its_own_writer_is_never_shown_what_was_before(cache: TieredCache) -> None:
    await filled(cache)

    for version in range(2, 50):
        await cache.fence(KEY, version)
        fenced = await cache.read(KEY, "t")
        document = Document(version, b"x")
        await cache.put(KEY, document, TTL)
        assert fenced == Miss(None)
        assert await cache.read(KEY, "t") == Hit(document)
        assert await cache.read(KEY, "t") == Hit(document)


@pytest.fixture
def slowed(own_redis: OwnRedis) -> Iterator[Slowed]:
    with Slowed(own_redis.port) as proxy:
        yield proxy


async def test_if_redis_cannot_tell_a_change_is_missed_no_longer_than_its_bound(
    own_redis: OwnRedis, slowed: Slowed
) -> None:
    """Its answers come late, that to a command from before the change too, and what it tells."""
    cache = a_tiered_cache(f"redis://127.0.0.1:{slowed.port}/0")
    writer = RedisCache(own_redis.url, GENEROUS, GENEROUS)
    client: Any = redis.asyncio.Redis.from_url(own_redis.url)
    await filled(cache)
    slowed.delay = 0.3
    asking = asyncio.create_task(cache.ping())
    while not await calls(client, "ping"):
        await asyncio.sleep(0.001)

    await writer.fence(KEY, 2)
    fenced = last = time.monotonic()
    while (now := time.monotonic()) < fenced + 0.5:
        if cache.at_hand(KEY):
            last = now
        await asyncio.sleep(0.001)

    assert last - fenced < LEASE_SECONDS
    await asking
    await client.aclose()
    await writer.close()
    await cache.close()


async def test_a_broken_connection_leaves_nothing_at_hand(
    cache: TieredCache, writer: RedisCache, client: Any
) -> None:
    """What is told while there is none is never told again."""
    await filled(cache)
    for connection in await client.client_list():
        if int(connection["resp"]) == 3:
            await client.client_kill_filter(_id=connection["id"])
    await writer.fence(KEY, 2)

    # the new connection vouches for what is read through it
    async with asyncio.timeout(10):
        while await cache.read("another key", "t") != Miss("t"):
            await asyncio.sleep(0.001)

    assert cache.at_hand(KEY) is None
    assert await cache.read(KEY, "t") == Miss(None)
    await writer.put(KEY, NEW, TTL)
    await shown_until_is(cache, NEW)


async def test_while_redis_is_frozen_what_was_at_hand_is_gone_by_the_bound(
    own_redis: OwnRedis,
) -> None:
    cache = TieredCache(RedisCache(own_redis.url))
    await filled(cache)

    with frozen(own_redis):
        since = time.monotonic()
        last = await shown_until(cache, OLD)
        assert await cache.read(KEY, "t") == Miss(None)

    assert last - since < LEASE_SECONDS
    async with asyncio.timeout(20):
        while await cache.read(KEY, "t") != Hit(OLD):
            await asyncio.sleep(0.01)
    await cache.close()


async def test_a_redis_that_may_not_tell_is_asked_each_time_and_told_of(
    own_redis: OwnRedis, caplog: pytest.LogCaptureFixture
) -> None:
    admin: Any = redis.asyncio.Redis.from_url(own_redis.url)
    await admin.execute_command(
        "ACL", "SETUSER", "crm", "on", ">secret", "~*", "&*", "+@all", "-client|tracking"
    )
    cache = a_tiered_cache(own_redis.url.replace("redis://", "redis://crm:secret@"))
    await filled(cache)
    before = await calls(admin)

    for _ in range(10):
        assert await cache.read(KEY, "t") == Hit(OLD)

    assert await calls(admin) - before == 10
    assert [record.message for record in caplog.records] == ["the cache cannot tell of changes"]
    await admin.aclose()
    await cache.close()
