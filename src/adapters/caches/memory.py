"""A cache in this process's memory, for a server that runs alone."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from application.ports import Cache, Document, Hit, Miss

TOKEN_TTL = timedelta(seconds=5)
FENCE_TTL = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class _Token:
    value: str


@dataclass(frozen=True, slots=True)
class _Fence:
    floor: int


_State = _Token | _Fence | Document


class MemoryCache(Cache):
    """`seconds` is a monotonic clock; the least recently used of `max_entries` goes first."""

    def __init__(
        self, max_entries: int = 10_000, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_entries = max_entries
        self._seconds = seconds
        self._entries: OrderedDict[str, tuple[_State, float]] = OrderedDict()

    def at_hand(self, key: str) -> Document | None:
        state = self._standing(key)
        return state if isinstance(state, Document) else None

    async def read(self, key: str, token: str) -> Hit | Miss:
        state = self._standing(key)
        if state is None:
            self._set(key, _Token(token), TOKEN_TTL)
            return Miss(token)
        if isinstance(state, Document):
            return Hit(state)
        return Miss(state.value if isinstance(state, _Token) else None)

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        if self._standing(key) != _Token(token):
            return False
        self._set(key, document, ttl)
        return True

    async def fence(self, key: str, floor: int) -> None:
        state = self._standing(key)
        standing = state.floor if isinstance(state, _Fence) else 0
        self._set(key, _Fence(max(floor, standing)), FENCE_TTL)

    async def put(self, key: str, document: Document, ttl: timedelta) -> bool:
        state = self._standing(key)
        if isinstance(state, _Token):
            del self._entries[key]
        floor = getattr(state, "floor", getattr(state, "version", None))
        if floor is None or floor > document.version:
            return False
        self._set(key, document, ttl)
        return True

    def _standing(self, key: str) -> _State | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        state, until = entry
        if until <= self._seconds():
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return state

    def _set(self, key: str, state: _State, ttl: timedelta) -> None:
        self._entries[key] = state, self._seconds() + ttl.total_seconds()
        self._entries.move_to_end(key)
        if len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)
