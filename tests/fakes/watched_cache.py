"""A shared cache in memory that tells what changes, at once or only when the test says so."""

from datetime import timedelta

from adapters.caches._watched import Changed, WatchedCache
from adapters.caches.memory import MemoryCache
from application.ports import Document, Hit, Miss
from tests.gates import Gate


class WatchedMemory(WatchedCache):
    """`now` is its clock; while it is `cut_off`, nothing is told and no answer gets through.

    `answering` holds answers back, and not what is told meanwhile: a reader may wake up late.
    """

    def __init__(self) -> None:
        self.now = 1.0
        self.cut_off = False
        self.reads = 0
        self.renewals = 0
        self.answering = Gate()
        self.cache = MemoryCache(seconds=lambda: self.now)
        self.changed: Changed = lambda key: None
        self._since = self.now

    def watch(self, changed: Changed) -> None:
        self.changed = changed

    def current_since(self) -> float:
        return self._since

    async def stay_current(self) -> None:
        self.renewals += 1
        self._heard()

    async def read(self, key: str, token: str) -> Hit | Miss:
        self.reads += 1
        if self.cut_off:
            return Miss(None)
        found = await self.cache.read(key, token)
        await self.answering.passed()
        self._heard()
        return found

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        return self._told(key, await self.cache.fill(key, token, document, ttl))

    async def fence(self, key: str, floor: int) -> None:
        await self.cache.fence(key, floor)
        self._told(key, written=True)

    async def put(self, key: str, document: Document, ttl: timedelta) -> bool:
        return self._told(key, await self.cache.put(key, document, ttl))

    async def ping(self) -> None:
        """It is there."""

    async def close(self) -> None:
        """Nothing is open."""

    def _heard(self) -> None:
        if not self.cut_off:
            self._since = self.now

    def _told(self, key: str, written: bool) -> bool:
        if written and not self.cut_off:
            self.changed(key)
        return written
