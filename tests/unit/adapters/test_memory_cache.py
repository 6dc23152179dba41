"""Every order in which readers, writers and a wipe can meet at one key, and none that lies."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from adapters.caches.memory import MemoryCache
from application.ports import Cache, Document, Hit, Miss
from tests.contracts.caches import KEY, NEW, NEWER, OLD, TTL

VERSIONS = {"w2": NEW, "w3": NEWER}
WRITER = ("w2 fence", "w2 commit", "w2 put")
CUT_OFF_WRITER = ("w2 fence", "w2 commit", "w2 acknowledge")
NEXT_WRITER = ("w3 fence", "w3 commit", "w3 put")
READER = ("r1 ask", "r1 load", "r1 fill")
OTHER_READER = ("r2 ask", "r2 load", "r2 fill")
WIPE = ("x wipe",)


class DeletingCache(MemoryCache):
    """What one would write first: whoever missed may fill, and a writer deletes."""

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        self._set(key, document, ttl)
        return True

    async def fence(self, key: str, floor: int) -> None:
        self._entries.pop(key, None)

    async def put(self, key: str, document: Document, ttl: timedelta) -> bool:
        self._entries.pop(key, None)
        return False


class ComparingCache(DeletingCache):
    """One step better: a fill does not replace what is newer. A delete takes the version along."""

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        found = await self.read(key, token)
        if isinstance(found, Hit) and found.document.version > document.version:
            return False
        return await super().fill(key, token, document, ttl)


class UnguardedCache(MemoryCache):
    """Fences and writes through, but asks no token of a fill where nothing stands."""

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        return await super().fill(key, token, document, ttl) or (
            await self.read(key, token) == Miss(token)
            and await super().fill(key, token, document, ttl)
        )


class FencelessCache(MemoryCache):
    """Deletes before the commit instead of fencing: whoever asks right after may still fill."""

    async def fence(self, key: str, floor: int) -> None:
        self._entries.pop(key, None)


class Story:
    """What happens at one key, step by step, and how often a reader was shown the past."""

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self.row = OLD
        self.acknowledged = OLD.version
        self.lies = 0
        self.loaded: dict[str, Document] = {}
        self.missed: set[str] = set()

    async def do(self, step: str) -> None:
        actor, verb = step.split()
        match verb:
            case "ask":
                await self.ask(actor)
            case "load":
                self.loaded[actor] = self.row
            case "fill" if actor in self.missed:
                await self.cache.fill(KEY, actor, self.loaded[actor], TTL)
            case "fence":
                await self.cache.fence(KEY, VERSIONS[actor].version)
            case "commit":
                self.row = VERSIONS[actor]
            case "put":
                await self.cache.put(KEY, VERSIONS[actor], TTL)
                await self.do(f"{actor} acknowledge")
            case "acknowledge":
                self.acknowledged = max(self.acknowledged, VERSIONS[actor].version)
            case "wipe":
                # the cache has room for one
                await self.cache.read("another key", "x")

    async def ask(self, actor: str) -> None:
        found = await self.cache.read(KEY, actor)
        if isinstance(found, Miss):
            self.missed.add(actor)
        elif found.document.version < self.acknowledged:
            self.lies += 1


def orders(*tracks: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every order of all steps that keeps the order of each track."""
    if not any(tracks):
        yield ()
    for index, track in enumerate(tracks):
        if track:
            rest = (*tracks[:index], track[1:], *tracks[index + 1 :])
            yield from ((track[0], *order) for order in orders(*rest))


def possible(order: tuple[str, ...]) -> bool:
    """Writers of one row wait for each other; which of two like readers is first is all one."""
    waits = "w3 fence" not in order or order.index("w2 commit") < order.index("w3 fence")
    return waits and ("r2 ask" not in order or order.index("r1 ask") < order.index("r2 ask"))


async def lies_of(kind: type[MemoryCache], *tracks: tuple[str, ...]) -> int:
    """Over all orders: reads that showed less than was acknowledged, one at the end included."""
    lies = 0
    for order in filter(possible, orders(*tracks)):
        story = Story(kind(max_entries=1))
        for step in order:
            await story.do(step)
        await story.ask("the end")
        lies += story.lies
    return lies


@pytest.mark.parametrize(
    "tracks",
    [
        pytest.param((WRITER, READER, OTHER_READER, WIPE), id="two readers"),
        pytest.param((WRITER, NEXT_WRITER, READER, WIPE), id="two writers"),
        pytest.param((CUT_OFF_WRITER, READER, OTHER_READER), id="a writer cut off after its fence"),
    ],
)
async def test_no_order_shows_less_than_was_acknowledged(
    tracks: tuple[tuple[str, ...], ...],
) -> None:
    assert await lies_of(MemoryCache, *tracks) == 0


@pytest.mark.parametrize(
    ("kind", "tracks"),
    [
        (DeletingCache, (WRITER, READER)),
        (ComparingCache, (WRITER, READER)),
        (UnguardedCache, (WRITER, READER, WIPE)),
        (FencelessCache, (CUT_OFF_WRITER, READER)),
    ],
)
async def test_the_search_finds_the_lies_of_a_weaker_cache(
    kind: type[MemoryCache], tracks: tuple[tuple[str, ...], ...]
) -> None:
    assert await lies_of(kind, *tracks) > 0


def test_the_search_goes_through_all_orders() -> None:
    """(3 + 3 + 3 + 1)! / (3! 3! 3! 1!), each once."""
    found = list(orders(WRITER, READER, OTHER_READER, WIPE))

    assert len(found) == len(set(found)) == 16_800
