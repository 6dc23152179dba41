"""A shared cache far away: commands reach it and what it says comes back one by one, in order."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from adapters.caches._watched import Changed, WatchedCache
from application.ports import Document, Hit, Miss


class LateRedis(WatchedCache):
    """One key. `arrive` carries out the next command of its reader, `deliver` the next message.

    A reader's lease counts from when a command that was answered was sent. What others `write`
    is there at once.
    """

    def __init__(self) -> None:
        self.now = 1.0
        self.standing: Document | int = Document(1, b"1")
        """A document, or a fence's floor."""
        self._changed: Changed = lambda key: None
        self._tracked = False
        self._since = 0.0
        self._commands: deque[tuple[float, asyncio.Future[Hit | Miss]]] = deque()
        self._said: deque[Callable[[], None]] = deque()

    def watch(self, changed: Changed) -> None:
        self._changed = changed

    def current_since(self) -> float:
        return self._since

    async def stay_current(self) -> None:
        await self.read("", "")

    async def read(self, key: str, token: str) -> Hit | Miss:
        answer: asyncio.Future[Hit | Miss] = asyncio.get_running_loop().create_future()
        self._commands.append((self.now, answer))
        return await answer

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        return False

    async def fence(self, key: str, floor: int) -> None:
        self.write(key, floor)

    async def put(self, key: str, document: Document, ttl: timedelta) -> bool:
        self.write(key, document)
        return True

    async def ping(self) -> None:
        """It is there."""

    async def close(self) -> None:
        for _, answer in self._commands:
            answer.cancel()

    def arrive(self) -> None:
        if not self._commands:
            return
        sent, answer = self._commands.popleft()
        self._tracked = True
        standing = self.standing
        found = Hit(standing) if isinstance(standing, Document) else Miss(None)
        self._said.append(lambda: self._answer(answer, found, sent))

    def deliver(self) -> None:
        if self._said:
            self._said.popleft()()

    def write(self, key: str, standing: Document | int) -> None:
        self.standing = standing
        if self._tracked:
            self._tracked = False
            self._said.append(lambda: self._changed(key))

    def _answer(self, answer: "asyncio.Future[Hit | Miss]", found: Hit | Miss, sent: float) -> None:
        self._since = sent
        if not answer.done():
            answer.set_result(found)
