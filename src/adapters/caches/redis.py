"""The cache in Redis: the protocol as Lua scripts.

A value is one tag (`T` token, `F` fence, `D` document), 16 digits of a version (0 for a token),
and then the token or the document's body. Whatever else stands under a key is garbage.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, TypeAlias

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from adapters.caches._guarded import GuardedCalls
from application.ports import Cache, Document, Hit, Miss, Probe

TOKEN_TTL = timedelta(seconds=5)
FENCE_TTL = timedelta(seconds=10)
POOL_SIZE = 16
"""One process can hardly use more, and new connections are slow to come in a crowd."""
HEAL_SECONDS = 0.25
HEALED_AT_ONCE = 1_000
HEADER = 17
TAGS = (b"T", b"F", b"D")
Arguments: TypeAlias = "list[str | bytes | int]"

FILL = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""
# a Redis without memory refuses SET, but not to a script that has deleted something before
FENCE = """
local standing = redis.pcall('GET', KEYS[1])
local fence = ARGV[1]
if type(standing) == 'string' and #standing == 17 and standing:match('^F%d+$')
   and tonumber(standing:sub(2)) > tonumber(fence:sub(2)) then fence = standing end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], fence, 'PX', ARGV[2])
return 1
"""
PUT = """
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
"""


class RedisCache(Cache, Probe):
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
        # callers beyond the pool's size wait for a connection, within their deadline
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            url,
            max_connections=POOL_SIZE,
            timeout=None,
            retry=Retry(NoBackoff(), 0),
            # the total deadlines bound these too, at half the cost
            socket_timeout=None,
            socket_connect_timeout=None,
            driver_info=None,
        )
        self._redis: Any = redis.asyncio.Redis.from_pool(pool)
        self._guarded = GuardedCalls(deadline, write_deadline)
        self._write_deadline = write_deadline.total_seconds()
        self._fill = self._redis.register_script(FILL)
        self._fence = self._redis.register_script(FENCE)
        self._put = self._redis.register_script(PUT)
        self._unfenced: dict[str, object] = {}
        self._healing: asyncio.Task[None] | None = None

    async def read(self, key: str, token: str) -> Hit | Miss:
        if self._unfenced:
            return Miss(None)
        value = await self._guarded.read(lambda: self._look(key, token), None)
        if value is None or value[:1] == b"F":
            return Miss(None)
        if value[:1] == b"T":
            return Miss(value[HEADER:].decode("ascii", "replace"))
        return Hit(Document(int(value[1:HEADER]), value[HEADER:]))

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        arguments: Arguments = [_token(token), _encoded(document), _milliseconds(ttl)]
        return bool(await self._guarded.read(lambda: self._fill(keys=[key], args=arguments), 0))

    async def fence(self, key: str, floor: int) -> None:
        arguments: Arguments = [_header("F", floor), _milliseconds(FENCE_TTL)]
        if not await self._guarded.write(lambda: self._fence(keys=[key], args=arguments), 0):
            self._delete_later(key)

    async def put(self, key: str, document: Document, ttl: timedelta) -> bool:
        arguments: Arguments = [_encoded(document), _milliseconds(ttl)]
        if key not in self._unfenced:
            kept = await self._guarded.write(lambda: self._put(keys=[key], args=arguments), None)
            if kept is not None:
                return bool(kept)
        # not before now: between a deletion and the commit an old row may have been filled in
        self._delete_later(key)
        await self._delete([key])
        return False

    async def ping(self) -> None:
        async with asyncio.timeout(self._write_deadline):
            await self._redis.ping()

    async def close(self) -> None:
        if self._healing is not None:
            self._healing.cancel()
        await self._redis.aclose()

    async def _look(self, key: str, token: str) -> bytes | None:
        """What stands under the key, our own token if nothing did; None where it was garbage."""
        try:
            value: bytes | None = await self._redis.get(key)
            if value is None:
                mine = _token(token)
                px = _milliseconds(TOKEN_TTL)
                value = await self._redis.set(key, mine, nx=True, get=True, px=px) or mine
        except ResponseError as error:
            # another program's list or hash
            if not str(error).startswith("WRONGTYPE"):
                raise
            value = b""
        if value[:1] in TAGS and len(value) >= HEADER and value[1:HEADER].isdigit():
            return value
        await self._redis.delete(key)
        return None

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
        if await self._guarded.write(partial(self._redis.delete, *keys), None) is not None:
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
