"""The cache in Redis: the protocol as Lua scripts.

A value is one tag (`T` token, `F` fence, `D` document), 16 digits of a version (0 for a token),
and then the token or the document's body. Whatever else stands under a key is garbage.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from redis.exceptions import ResponseError

from adapters.caches._guarded import Call, GuardedCalls
from adapters.caches._line import Line, Word
from adapters.caches._script import Script
from adapters.caches._watched import Changed, WatchedCache
from application.ports import Document, Hit, Miss

TOKEN_TTL = timedelta(seconds=5)
FENCE_TTL = timedelta(seconds=10)
HEAL_SECONDS = 0.25
HEALED_AT_ONCE = 1_000
HEADER = 17
TAGS = (b"T", b"F", b"D")

FILL = Script("""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
""")
# a Redis without memory refuses SET, but not to a script that has deleted something before
FENCE = Script("""
local standing = redis.pcall('GET', KEYS[1])
local fence = ARGV[1]
if type(standing) == 'string' and #standing == 17 and standing:match('^F%d+$')
   and tonumber(standing:sub(2)) > tonumber(fence:sub(2)) then fence = standing end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], fence, 'PX', ARGV[2])
return 1
""")
PUT = Script("""
local standing = redis.pcall('GET', KEYS[1])
if not standing then return 0 end
local version = type(standing) == 'string' and standing:match('^[FD](' .. ('%d'):rep(16) .. ')')
if not version then
  redis.call('DEL', KEYS[1])
  return 0
end
if tonumber(version) > tonumber(ARGV[1]:sub(2, 17)) then return 0 end
if redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]).err then
  redis.call('DEL', KEYS[1])
  return 0
end
return 1
""")


class RedisCache(WatchedCache):
    """Deadlines bound every call, and a cache that does not answer is left alone for a while.

    Writers wait longer than readers, as a fence that was given up can leave an older document
    standing. After the commit its key is deleted, at once or else as soon as Redis can be reached
    again; until then this process reads nothing from the cache. What others read is bounded by
    its TTL.
    """

    def __init__(
        self,
        url: str,
        deadline: timedelta = timedelta(milliseconds=25),
        write_deadline: timedelta = timedelta(milliseconds=70),
    ) -> None:
        self._line = Line(url)
        self._guarded = GuardedCalls(deadline, write_deadline)
        self._write_deadline = write_deadline.total_seconds()
        self._unfenced: dict[str, object] = {}
        self._healing: asyncio.Task[None] | None = None

    async def read(self, key: str, token: str) -> Hit | Miss:
        if self._unfenced:
            return Miss(None)
        value = await self._guarded.read(lambda due: self._look(due, key, token), None)
        if value is None or value[:1] == b"F":
            return Miss(None)
        if value[:1] == b"T":
            return Miss(value[HEADER:].decode("ascii", "replace"))
        return Hit(Document(int(value[1:HEADER]), value[HEADER:]))

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        call = self._run(FILL, key, _token(token), _encoded(document), _milliseconds(ttl))
        return bool(await self._guarded.read(call, 0))

    async def fence(self, key: str, floor: int) -> None:
        call = self._run(FENCE, key, _header("F", floor), _milliseconds(FENCE_TTL))
        if not await self._guarded.write(call, 0):
            self._delete_later(key)

    async def put(self, key: str, document: Document, ttl: timedelta) -> bool:
        if key not in self._unfenced:
            call = self._run(PUT, key, _encoded(document), _milliseconds(ttl))
            kept = await self._guarded.write(call, None)
            if kept is not None:
                return bool(kept)
        # not before now: between a deletion and the commit an old row may have been filled in
        self._delete_later(key)
        await self._delete([key])
        return False

    def watch(self, changed: Changed) -> None:
        self._line.watch(changed)

    def current_since(self) -> float:
        return 0.0 if self._unfenced else self._line.current_since()

    async def stay_current(self) -> None:
        await self._guarded.read(lambda due: self._line.ask(due, "PING"), None)

    async def ping(self) -> None:
        await self._line.ask(time.monotonic() + self._write_deadline, "PING")

    async def close(self) -> None:
        if self._healing is not None:
            self._healing.cancel()
        await self._line.close()

    async def _look(self, due: float, key: str, token: str) -> bytes | None:
        """What stands under the key, our own token if nothing did; None where it was garbage."""
        try:
            value: bytes | None = await self._line.ask(due, "GET", key)
            if value is None:
                mine = _token(token)
                px = _milliseconds(TOKEN_TTL)
                value = await self._line.ask(due, "SET", key, mine, "NX", "GET", "PX", px) or mine
        except ResponseError as error:
            # another program's list or hash
            if not str(error).startswith("WRONGTYPE"):
                raise
            value = b""
        if value[:1] in TAGS and len(value) >= HEADER and value[1:HEADER].isdigit():
            return value
        await self._line.ask(due, "DEL", key)
        return None

    def _run(self, script: Script, key: str, *words: Word) -> Call[Any]:
        return lambda due: script.run(self._line, due, key, *words)

    def _delete_later(self, key: str) -> None:
        """Each call counts: a deletion under way does not stand for one that is asked for now."""
        self._unfenced[key] = object()
        if self._healing is None or self._healing.done():
            self._healing = asyncio.create_task(self._heal())

    async def _heal(self) -> None:
        """Delete what could not be fenced; documents from before all live less than their TTL."""
        while self._unfenced:
            await asyncio.sleep(HEAL_SECONDS)
            await self._delete(list(islice(self._unfenced, HEALED_AT_ONCE)))

    async def _delete(self, keys: Sequence[str]) -> None:
        marks = {key: self._unfenced[key] for key in keys}
        call: Call[Any] = lambda due: self._line.ask(due, "DEL", *keys)  # noqa: E731
        if await self._guarded.write(call, None) is not None:
            for key, mark in marks.items():
                if self._unfenced.get(key) is mark:
                    del self._unfenced[key]


def _header(tag: str, version: int = 0) -> bytes:
    return f"{tag}{version:016d}".encode()


def _token(token: str) -> bytes:
    return _header("T") + token.encode()


def _encoded(document: Document) -> bytes:
    return _header("D", document.version) + document.body


def _milliseconds(ttl: timedelta) -> int:
    return int(ttl.total_seconds() * 1000)
