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


class Story:
    """One writer, two readers and a wipe over one key, step by step."""

    def __init__(self, *, naive: bool) -> None:
        self.cache = MemoryCache()
        self.naive = naive
        self.row = OLD
        self.loaded = {"r1": OLD, "r2": OLD}

    async def do(self, step: str) -> None:
        actor, _, verb = step.partition(" ")
        if verb == "miss":
            await self.cache.read(KEY, actor)
        elif verb == "load":
            self.loaded[actor] = self.row
        elif verb == "fill":
            await self._fill(actor)
        elif verb == "commit":
            self.row = NEW
        elif verb == "wipe":
            self.cache._entries.clear()
        elif self.naive:
            self.cache._entries.pop(KEY, None)
        elif verb == "fence":
            await self.cache.fence(KEY, NEW.version)
        else:
            await self.cache.put(KEY, NEW, TTL)

    async def _fill(self, reader: str) -> None:
        if self.naive:
            self.cache._set(KEY, self.loaded[reader], TTL)
        else:
            await self.cache.fill(KEY, reader, self.loaded[reader], TTL)

    async def is_stale(self) -> bool:
        found = await self.cache.read(KEY, "end")
        return isinstance(found, Hit) and found.document != self.row


WRITER = ("w fence", "w commit", "w put")
READERS = (("r1 miss", "r1 load", "r1 fill"), ("r2 miss", "r2 load", "r2 fill"))


def interleavings(*tracks: tuple[str, ...]) -> list[list[str]]:
    """Every order of all steps that keeps each track's own order."""
    orders = []
    for order in _orders(tracks):
        iterators = [iter(track) for track in tracks]
        orders.append([next(iterators[index]) for index in order])
    return orders


def _orders(tracks: tuple[tuple[str, ...], ...]) -> list[tuple[int, ...]]:
    if not any(tracks):
        return [()]
    return [
        (index, *rest)
        for index, track in enumerate(tracks)
        if track
        for rest in _orders((*tracks[:index], track[1:], *tracks[index + 1 :]))
    ]


async def stale_ends(*tracks: tuple[str, ...], naive: bool) -> int:
    count = 0
    for order in interleavings(*tracks):
        story = Story(naive=naive)
        for step in order:
            await story.do(step)
        count += await story.is_stale()
    return count


async def test_no_interleaving_of_readers_and_a_writer_ends_stale() -> None:
    assert await stale_ends(WRITER, *READERS, naive=False) == 0


async def test_no_interleaving_with_a_wipe_ends_stale() -> None:
    assert await stale_ends(WRITER, READERS[0], ("x wipe",), naive=False) == 0


async def test_a_plain_delete_is_seen_to_end_stale() -> None:
    assert await stale_ends(WRITER, *READERS, naive=True) > 0
