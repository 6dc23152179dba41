"""Two levels in many short worlds: however late messages are, nothing is shown past the bound."""

import asyncio
import random
from collections.abc import Callable

import pytest

from adapters.caches.tiered import LEASE_SECONDS, TieredCache
from application.ports import Document, Hit
from tests.contracts.caches import KEY
from tests.fakes.late_redis import LateRedis

STEPS = 120
WORLDS = 40


class World:
    """One process reads, another writes, and chance says what happens next."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.redis = LateRedis()
        self.cache = TieredCache(self.redis, seconds=lambda: self.redis.now)
        self.fenced = [(0.0, 1)]
        """When each version was fenced, and its number."""
        self.shown_at_hand = 0
        self._readers: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        steps: dict[Callable[[], object], int] = {
            self.redis.arrive: 6,
            self.redis.deliver: 6,
            self.look: 6,
            self.start_reading: 3,
            self.pass_time: 3,
            self.write: 1,
        }
        for _ in range(STEPS):
            [step] = self.chance.choices(list(steps), list(steps.values()))
            step()
            if self.chance.random() < 0.5:
                await asyncio.sleep(0)
        await self.end()

    def look(self) -> None:
        document = self.cache.at_hand(KEY)
        if document is not None:
            self.shown_at_hand += 1
            self.check(document, self.redis.now - LEASE_SECONDS)

    def start_reading(self) -> None:
        self._readers.append(asyncio.create_task(self.read()))

    async def read(self) -> None:
        begun = self.redis.now
        found = await self.cache.read(KEY, "t")
        if isinstance(found, Hit):
            self.check(found.document, begun - LEASE_SECONDS)

    def pass_time(self) -> None:
        self.redis.now += self.chance.choice([0.001, 0.02, 0.07])

    def write(self) -> None:
        """The fence of a new version, or the document that lifts it."""
        if isinstance(self.redis.standing, Document):
            version = self.redis.standing.version + 1
            self.fenced.append((self.redis.now, version))
            self.redis.write(KEY, version)
        else:
            self.redis.write(KEY, Document(self.redis.standing, b"x"))

    def check(self, document: Document, by: float) -> None:
        floor = max(version for at, version in self.fenced if at <= by)
        assert document.version >= floor, f"version {document.version}, {floor} was fenced"

    async def end(self) -> None:
        for reader in self._readers:
            if reader.done():
                reader.result()
            reader.cancel()
        await self.cache.close()
        await asyncio.sleep(0)


@pytest.mark.parametrize("first", range(0, 10 * WORLDS, WORLDS))
async def test_nothing_is_shown_that_was_fenced_a_lease_ago(first: int) -> None:
    shown = 0
    for seed in range(first, first + WORLDS):
        world = World(seed)
        await world.run()
        shown += world.shown_at_hand

    # worlds in which nothing is at hand would prove nothing
    assert shown > WORLDS
