"""The caches that need no server keep every cache's promises."""

import pytest

from adapters.caches.memory import FENCE_TTL, TOKEN_TTL, MemoryCache
from adapters.caches.none import NoCache
from application.ports import Hit, Miss
from tests.contracts.caches import KEY, NEW, OLD, TTL, AnyCacheContract, CacheContract


class TestMemoryCache(CacheContract):
    adapter = "caches.memory"

    @pytest.fixture
    def cache(self) -> MemoryCache:
        return MemoryCache()


class TestNoCache(AnyCacheContract):
    adapter = "caches.none"

    @pytest.fixture
    def cache(self) -> NoCache:
        return NoCache()


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_fence_and_a_token_of_the_dead_go_by_themselves() -> None:
    seconds = Seconds()
    cache = MemoryCache(seconds=seconds)
    await cache.read("a", "t1")
    await cache.fence("b", 2)

    seconds.now = TOKEN_TTL.total_seconds()
    assert await cache.read("a", "t2") == Miss("t2")
    assert await cache.read("b", "t2") == Miss(None)
    seconds.now = FENCE_TTL.total_seconds()
    assert await cache.read("b", "t3") == Miss("t3")


async def test_a_document_lives_as_long_as_it_was_told() -> None:
    seconds = Seconds()
    cache = MemoryCache(seconds=seconds)
    await cache.fence(KEY, 2)
    await cache.put(KEY, NEW, TTL)

    seconds.now = TTL.total_seconds() - 0.1
    assert await cache.read(KEY, "t1") == Hit(NEW)
    seconds.now = TTL.total_seconds()
    assert await cache.read(KEY, "t1") == Miss("t1")


async def test_the_least_recently_used_goes_first() -> None:
    cache = MemoryCache(max_entries=2)
    for key in ("a", "b"):
        await cache.read(key, "t")
        await cache.fill(key, "t", OLD, TTL)
    await cache.read("a", "t")

    await cache.read("c", "t")

    assert isinstance(await cache.read("a", "t"), Hit)
    assert isinstance(await cache.read("b", "t"), Miss)
