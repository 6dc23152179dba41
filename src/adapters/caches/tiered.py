"""Two levels: this process's memory over a cache that all share, and that tells what changes.

A document is served from memory only while the shared cache has vouched for it in the last
`LEASE`: whatever was fenced before the newest answered command was sent has been dropped here.
So, whatever breaks, a reader is shown a document for at most `LEASE` after its fence stood.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

from adapters.caches._level import Level
from adapters.caches._watched import WatchedCache
from application.ports import Cache, Document, Hit, Miss, Probe

LEASE = timedelta(milliseconds=100)
RENEWED_AFTER = LEASE / 4
LOCAL_TTL = timedelta(seconds=5)
"""What the shared cache drops late for its age is dropped here no later than this after it."""
LEASE_SECONDS, RENEWED_AFTER_SECONDS, LOCAL_TTL_SECONDS = (
    span.total_seconds() for span in (LEASE, RENEWED_AFTER, LOCAL_TTL)
)
MAX_ENTRIES = 10_000
MAX_BYTES = 32 * 2**20


class TieredCache(Cache, Probe):
    """What this process wrote is never shown older to its own readers.

    Only what was read from the shared cache is kept, at most `max_entries` documents and
    `max_bytes`; the least recently used goes first. `seconds` is the clock of `current_since`.
    """

    def __init__(
        self,
        shared: WatchedCache,
        max_entries: int = MAX_ENTRIES,
        max_bytes: int = MAX_BYTES,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shared = shared
        self._seconds = seconds
        self._level = Level(max_entries, max_bytes)
        self._asking: dict[str, object] = {}
        self._renewing: asyncio.Task[None] | None = None
        shared.watch(self._changed)

    def at_hand(self, key: str) -> Document | None:
        """What `read` would find in this process's memory."""
        now = self._seconds()
        age = now - self._shared.current_since()
        if age >= LEASE_SECONDS:
            return None
        if age > RENEWED_AFTER_SECONDS:
            self._renew()
        return self._level.get(key, now)

    async def read(self, key: str, token: str) -> Hit | Miss:
        document = self.at_hand(key)
        return await self._ask(key, token) if document is None else Hit(document)

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        return await self._shared.fill(key, token, document, ttl)

    async def fence(self, key: str, floor: int) -> None:
        try:
            await self._shared.fence(key, floor)
        finally:
            self._changed(key)

    async def put(self, key: str, document: Document, ttl: timedelta) -> bool:
        try:
            return await self._shared.put(key, document, ttl)
        finally:
            self._changed(key)

    async def ping(self) -> None:
        await self._shared.ping()

    async def close(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
        self._changed(None)
        await self._shared.close()

    async def _ask(self, key: str, token: str) -> Hit | Miss:
        """What the shared cache has; kept unless it changed before we came to keep it."""
        mark = self._asking[key] = object()
        try:
            found = await self._shared.read(key, token)
            if isinstance(found, Hit) and self._asking.get(key) is mark:
                self._level.keep(key, found.document, self._seconds() + LOCAL_TTL_SECONDS)
        finally:
            if self._asking.get(key) is mark:
                del self._asking[key]
        return found

    def _changed(self, key: str | None) -> None:
        if key is None:
            self._level.clear()
            self._asking.clear()
        else:
            self._level.drop(key)
            self._asking.pop(key, None)

    def _renew(self) -> None:
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._shared.stay_current())
