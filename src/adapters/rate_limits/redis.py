"""A rate limit that all processes share in Redis: two scripts, by the clock of Redis itself.

The clocks of workers differ, and a time that a worker took may be old when it arrives.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from application.ports import RateLimit
from domain.budget import Rate

log = logging.getLogger(__name__)

DEADLINE = timedelta(seconds=1)
PAUSE = timedelta(seconds=1)
"""Between two attempts to reach a Redis that is away."""
POOL_SIZE = 8
QUIET_SECONDS = 10.0
"""One line in the log per this time, however often Redis fails."""
MICROSECOND = timedelta(microseconds=1)

NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window = tonumber(ARGV[2])
"""
# calls by the times until which their places are taken; 0, or how long to wait
BEGIN = f"""{NOW}
local calls, lasts = tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
if redis.call('ZCARD', KEYS[1]) >= calls then
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return math.min(tonumber(first[2]) - now, window)
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + lasts + window), ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.ceil((lasts + window) / 1000))
return 0
"""
END = f"""{NOW}
return redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', now + window), ARGV[1])
"""


class RedisRateLimit(RateLimit):
    """No call lasts longer than `lasts`; Redis has `deadline` to answer.

    A Redis that forgets its keys forgets the calls of the last window.
    """

    def __init__(
        self, url: str, rate: Rate, lasts: timedelta, deadline: timedelta = DEADLINE
    ) -> None:
        # callers beyond the pool's size wait for a connection, within their deadline
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            url,
            max_connections=POOL_SIZE,
            timeout=None,
            retry=Retry(NoBackoff(), 0),
            # the total deadline bounds these too
            socket_timeout=None,
            socket_connect_timeout=None,
            driver_info=None,
        )
        self._redis: Any = redis.asyncio.Redis.from_pool(pool)
        self._begin = self._redis.register_script(BEGIN)
        self._end = self._redis.register_script(END)
        window = rate.window // MICROSECOND
        self._key = f"crm:rate:ai:{rate.calls}:{window}"
        self._rate = [window, rate.calls, lasts // MICROSECOND]
        self._deadline = deadline.total_seconds()
        self._told_at = -QUIET_SECONDS

    async def begin(self, call: UUID) -> timedelta | None:
        arguments: list[str | int] = [str(call), *self._rate]
        left = await self._bounded(self._begin(keys=[self._key], args=arguments))
        if left is None:
            # if it did get its place, that is free again when the call would have ended
            return PAUSE
        return left * MICROSECOND if left else None

    async def end(self, call: UUID) -> None:
        await self._bounded(self._end(keys=[self._key], args=[str(call), *self._rate]))

    async def close(self) -> None:
        await self._redis.aclose()

    async def _bounded(self, asked: Awaitable[int]) -> int | None:
        try:
            async with asyncio.timeout(self._deadline):
                return await asked
        except (RedisError, OSError, TimeoutError) as error:
            if time.monotonic() - self._told_at > QUIET_SECONDS:
                self._told_at = time.monotonic()
                log.warning("the rate limit is away", extra={"reason": type(error).__name__})
            return None
