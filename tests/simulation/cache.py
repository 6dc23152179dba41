"""The cache server, which outlives every process, and what the network makes of calls to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from adapters.caches.memory import MemoryCache
from application.ports import Cache, Clock, Document, Hit, Miss
from tests.simulation.history import Fenced, Forgotten, History, Put
from tests.simulation.loop import SimulatedLoop
from tests.simulation.weather import Weather


@dataclass(slots=True)
class CacheServer(Cache):
    """One memory cache behind a network; calls may get lost, those of writers only after it."""

    loop: SimulatedLoop
    clock: Clock
    weather: Weather
    history: History
    version_of: Callable[[UUID], int]
    """What the database holds, for the figures."""
    _cache: MemoryCache = field(init=False)

    def __post_init__(self) -> None:
        self.wipe()

    async def read(self, key: str, token: str) -> Hit | Miss:
        await self.weather.hop()
        if self.weather.strikes_with(self.weather.lost_cache_calls):
            return Miss(None)
        found = await self._cache.read(key, token)
        self.history.figures["cache hits" if isinstance(found, Hit) else "cache misses"] += 1
        await self.weather.hop()
        return found

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        await self.weather.hop()
        if self.weather.strikes_with(self.weather.lost_cache_calls):
            return False
        if document.version < self.version_of(_lead(key)):
            self.history.figures["stale candidates"] += 1
        filled = await self._cache.fill(key, token, document, ttl)
        await self.weather.hop()
        return filled

    async def fence(self, key: str, floor: int) -> None:
        await self.weather.hop()
        await self._cache.fence(key, floor)
        self.history.add(Fenced(self._now(), _lead(key), floor))
        await self.weather.hop()

    async def put(self, key: str, document: Document, ttl: timedelta) -> bool:
        await self.weather.hop()
        if self.weather.strikes_with(self.weather.lost_cache_calls):
            return False
        kept = await self._cache.put(key, document, ttl)
        self.history.add(Put(_lead(key), document.version))
        await self.weather.hop()
        return kept

    def wipe(self) -> None:
        self._cache = MemoryCache(seconds=self.loop.time)
        self.history.add(Forgotten(self._now(), None))

    def evict(self, chance: Callable[[Sequence[str]], str]) -> None:
        entries = self._cache._entries
        if entries:
            key = chance(list(entries))
            del entries[key]
            self.history.figures["cache evictions"] += 1
            self.history.add(Forgotten(self._now(), _lead(key)))

    def _now(self) -> float:
        return self.clock.now().timestamp()


def _lead(key: str) -> UUID:
    return UUID(key.rpartition(":")[2])
