"""The cache of two levels asks the shared one seldom, and shows nothing older than its bound."""

import asyncio

import pytest

from adapters.caches.tiered import LEASE_SECONDS, LOCAL_TTL_SECONDS, RENEWED_AFTER_SECONDS
from adapters.caches.tiered import TieredCache as Tiered
from application.ports import Cache, Document, Hit, Miss
from tests.contracts.caches import KEY, NEW, OLD, TTL, CacheContract
from tests.fakes.watched_cache import WatchedMemory


@pytest.fixture
def shared() -> WatchedMemory:
    return WatchedMemory()


@pytest.fixture
def cache(shared: WatchedMemory) -> Tiered:
    return a_tiered_cache(shared)


def a_tiered_cache(shared: WatchedMemory, **bounds: int) -> Tiered:
    return Tiered(shared, seconds=lambda: shared.now, **bounds)


class TestTieredCache(CacheContract):
    adapter = "caches.tiered"

    async def test_a_document_goes_when_its_time_is_over(self, cache: Cache) -> None:
        """By the fake's clock, which the tests below turn."""


async def filled(cache: Cache, key: str, document: Document = OLD) -> None:
    """Filled by one reader and found by the next."""
    await cache.read(key, "t1")
    await cache.fill(key, "t1", document, TTL)
    assert await cache.read(key, "t2") == Hit(document)


async def test_what_was_found_once_is_not_asked_for_again(
    cache: Tiered, shared: WatchedMemory
) -> None:
    await filled(cache, KEY)
    before = shared.reads

    assert await cache.read(KEY, "t3") == Hit(OLD)
    assert shared.reads == before


async def test_what_another_process_writes_is_not_shown_older_once_that_is_told(
    cache: Tiered, shared: WatchedMemory
) -> None:
    await filled(cache, KEY)

    await shared.fence(KEY, 2)
    fenced = await cache.read(KEY, "t3")
    await shared.put(KEY, NEW, TTL)

    assert fenced == Miss(None)
    assert await cache.read(KEY, "t4") == Hit(NEW)


async def test_cut_off_it_shows_what_it_has_until_its_lease_is_over_and_no_longer(
    cache: Tiered, shared: WatchedMemory
) -> None:
    await filled(cache, KEY)
    shared.cut_off = True
    await shared.fence(KEY, 2)

    shared.now += LEASE_SECONDS * 0.99
    within = await cache.read(KEY, "t3")
    shared.now += LEASE_SECONDS * 0.02

    assert within == Hit(OLD)
    assert await cache.read(KEY, "t3") == Miss(None)


@pytest.mark.parametrize("write", ["fence", "put"])
async def test_who_wrote_here_is_not_shown_what_was_before_though_nothing_is_told(
    cache: Tiered, shared: WatchedMemory, write: str
) -> None:
    await filled(cache, KEY)
    shared.cut_off = True

    if write == "fence":
        await cache.fence(KEY, 2)
    else:
        await cache.put(KEY, NEW, TTL)

    assert await cache.read(KEY, "t3") == Miss(None)


async def test_what_changed_before_its_reader_woke_up_is_not_kept(
    cache: Tiered, shared: WatchedMemory
) -> None:
    await cache.read(KEY, "t1")
    await cache.fill(KEY, "t1", OLD, TTL)
    shared.answering.close()
    slow = asyncio.create_task(cache.read(KEY, "t2"))
    await asyncio.sleep(0)

    await shared.fence(KEY, 2)
    shared.answering.open()

    assert await slow == Hit(OLD)
    assert await cache.read(KEY, "t3") == Miss(None)


async def test_when_anything_may_have_changed_nothing_is_kept(
    cache: Tiered, shared: WatchedMemory
) -> None:
    await filled(cache, "a")
    await filled(cache, "b")
    shared.cut_off = True

    shared.changed(None)

    assert [await cache.read(key, "t3") for key in ("a", "b")] == [Miss(None)] * 2


async def test_while_it_is_read_its_lease_is_renewed_in_time(
    cache: Tiered, shared: WatchedMemory
) -> None:
    await filled(cache, KEY)
    before = shared.reads

    for _ in range(10):
        shared.now += RENEWED_AFTER_SECONDS * 1.01
        assert await cache.read(KEY, "t3") == Hit(OLD)
        await asyncio.sleep(0)

    assert (shared.reads, shared.renewals) == (before, 10)


async def test_who_is_not_read_renews_nothing(cache: Tiered, shared: WatchedMemory) -> None:
    await filled(cache, KEY)
    shared.now += LEASE_SECONDS

    assert await cache.read(KEY, "t3") == Hit(OLD)
    assert shared.renewals == 0


async def test_what_the_shared_cache_forgot_without_a_word_goes_soon(
    cache: Tiered, shared: WatchedMemory
) -> None:
    await filled(cache, KEY)
    shared.cache._entries.clear()
    shared.now += LOCAL_TTL_SECONDS
    await shared.stay_current()

    assert await cache.read(KEY, "t3") == Miss("t3")


@pytest.mark.parametrize(
    "bounds", [{"max_entries": 2}, {"max_bytes": 3_500}], ids=["entries", "bytes"]
)
async def test_the_least_recently_used_goes_first(
    shared: WatchedMemory, bounds: dict[str, int]
) -> None:
    cache = a_tiered_cache(shared, **bounds)
    large = Document(1, b"x" * 1_000)
    await filled(cache, "a", large)
    await filled(cache, "b", large)
    await cache.read("a", "t")

    await filled(cache, "c", large)
    shared.cut_off = True

    assert await cache.read("a", "t") == Hit(large)
    assert await cache.read("b", "t") == Miss(None)


async def test_what_was_dropped_takes_no_room(shared: WatchedMemory) -> None:
    cache = a_tiered_cache(shared, max_bytes=3_500)
    large = Document(1, b"x" * 1_000)
    for key in "abcdefgh":
        await filled(cache, key, large)
        await shared.fence(key, 2)
    await filled(cache, "y", large)
    await filled(cache, "z", large)
    shared.cut_off = True

    assert [await cache.read(key, "t") for key in ("y", "z")] == [Hit(large)] * 2
