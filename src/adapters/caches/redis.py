"""The cache in Redis: the protocol as Lua scripts, under a deadline and behind a breaker.

A value is one tag (`T` token, `F` fence, `D` document), for the last two 16 digits of the
version, and then the token or the document's body.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, TypeAlias, TypeVar

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from application.ports import Cache, Document, Hit, Miss, Probe

log = logging.getLogger(__name__)

TOKEN_TTL = timedelta(seconds=5)
FENCE_TTL = timedelta(seconds=10)
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 1.0
POOL_SIZE = 64
HEAL_SECONDS = 0.25
HEADER = 17
T = TypeVar("T")
Arguments: TypeAlias = "list[str | bytes | int]"

FILL = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""
FENCE = """
local standing = redis.call('GET', KEYS[1])
local fence = ARGV[1]
if standing and standing:sub(1, 1) == 'F' and #standing == 17
   and tonumber(standing:sub(2)) > tonumber(fence:sub(2)) then fence = standing end
redis.call('SET', KEYS[1], fence, 'PX', ARGV[2])
return 1
"""
PUT = """
local standing = redis.call('GET', KEYS[1])
if not standing then return 0 end
local version = tonumber(standing:sub(2, 17))
local tag = standing:sub(1, 1)
if (tag ~= 'F' and tag ~= 'D') or not version then
  redis.call('DEL', KEYS[1])
  return 0
end
if version > tonumber(ARGV[1]:sub(2, 17)) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""


class RedisCache(Cache, Probe):
    """Deadlines bound every call; a cache that fails three times is left alone for a second.

    Writers wait longer than readers, as a fence that was given up can leave an older document
    standing. Its key is remembered and deleted as soon as Redis can be reached again; until
    then this process reads nothing from the cache. What others read is bounded by its TTL.
    """

    def __init__(
        self,
        url: str,
        deadline: timedelta = timedelta(milliseconds=25),
        write_deadline: timedelta = timedelta(milliseconds=250),
    ) -> None:
        # callers beyond the pool's size wait for a connection, within their deadline
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            url,
            max_connections=POOL_SIZE,
            timeout=None,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=1.0,
            socket_connect_timeout=1.0,
        )
        self._redis: Any = redis.asyncio.Redis.from_pool(pool)
        self._deadline = deadline.total_seconds()
        self._write_deadline = max(write_deadline, deadline).total_seconds()
        self._fill = self._redis.register_script(FILL)
        self._fence = self._redis.register_script(FENCE)
        self._put = self._redis.register_script(PUT)
        self._failures = 0
        self._closed_until = 0.0
        self._unfenced: set[str] = set()
        self._healing: asyncio.Task[None] | None = None

    async def read(self, key: str, token: str) -> Hit | Miss:
        if self._unfenced:
            return Miss(None)
        value = await self._bounded(self._look(key, token), None)
        if value is None:
            return Miss(None)
        tag, rest = value[:1], value[1:]
        if tag == b"T":
            return Miss(rest.decode("ascii", "replace"))
        if tag == b"D" and rest[: HEADER - 1].isdigit():
            return Hit(Document(int(rest[: HEADER - 1]), value[HEADER:]))
        if tag != b"F" or len(value) != HEADER:
            await self._bounded(self._redis.delete(key), None)
        return Miss(None)

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        arguments: Arguments = [f"T{token}", _encoded(document), _milliseconds(ttl)]
        return bool(await self._bounded(self._fill(keys=[key], args=arguments), 0))

    async def fence(self, key: str, floor: int) -> None:
        arguments: Arguments = [f"F{floor:016d}", _milliseconds(FENCE_TTL)]
        call = self._fence(keys=[key], args=arguments)
        if not await self._bounded(call, 0, self._write_deadline):
            self._unfenced.add(key)
            if self._healing is None or self._healing.done():
                self._healing = asyncio.create_task(self._heal())

    async def put(self, key: str, document: Document, ttl: timedelta) -> bool:
        arguments: Arguments = [_encoded(document), _milliseconds(ttl)]
        call = self._put(keys=[key], args=arguments)
        return bool(await self._bounded(call, 0, self._write_deadline))

    async def ping(self) -> None:
        await self._redis.ping()

    async def close(self) -> None:
        if self._healing is not None:
            self._healing.cancel()
        await self._redis.aclose()

    async def _heal(self) -> None:
        """Delete what could not be fenced; documents from before all live less than their TTL."""
        while self._unfenced:
            await asyncio.sleep(HEAL_SECONDS)
            keys = list(self._unfenced)
            deleted = await self._bounded(self._redis.delete(*keys), None, self._write_deadline)
            if deleted is not None:
                self._unfenced.difference_update(keys)

    async def _look(self, key: str, token: str) -> bytes | None:
        try:
            value: bytes | None = await self._redis.get(key)
        except ResponseError:
            # another program's list or hash under our key
            await self._redis.delete(key)
            return None
        if value is not None:
            return value
        mine = f"T{token}".encode()
        standing: bytes | None = await self._redis.set(
            key, mine, nx=True, get=True, px=_milliseconds(TOKEN_TTL)
        )
        return standing or mine

    async def _bounded(self, call: Awaitable[T], failed: T, deadline: float | None = None) -> T:
        """The call's result, or `failed` if Redis is away, slow or left alone."""
        if time.monotonic() < self._closed_until:
            if asyncio.iscoroutine(call):
                call.close()
            return failed
        try:
            async with asyncio.timeout(deadline or self._deadline):
                result = await call
        except (RedisError, OSError, TimeoutError) as error:
            self._count_failure(error)
            return failed
        if self._failures >= FAILURES_TO_OPEN:
            log.info("the cache is back")
        self._failures = 0
        return result

    def _count_failure(self, error: Exception) -> None:
        self._failures += 1
        if self._failures == FAILURES_TO_OPEN:
            log.warning("the cache is away", extra={"reason": type(error).__name__})
        if self._failures >= FAILURES_TO_OPEN:
            self._closed_until = time.monotonic() + OPEN_SECONDS


def _encoded(document: Document) -> bytes:
    return f"D{document.version:016d}".encode() + document.body


def _milliseconds(ttl: timedelta) -> int:
    return int(ttl.total_seconds() * 1000)
