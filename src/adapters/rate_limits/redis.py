"""A rate limit that all processes share in Redis: one script, by the clock of Redis itself.

The clocks of workers differ, and a time that a worker took may be old when it arrives.
"""

import asyncio
import logging
import time
from datetime import timedelta
from typing import Any

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from application.ports import RateLimit
from domain.budget import Rate

log = logging.getLogger(__name__)

SLACK = timedelta(milliseconds=200)
PAUSE = timedelta(seconds=1)
"""Between two attempts to reach a Redis that is away."""
POOL_SIZE = 8
QUIET_SECONDS = 10.0
"""One line in the log per this time, however often Redis fails."""
MICROSECOND = timedelta(microseconds=1)

# the times of the last calls that were allowed, newest first; 0, or how long to wait
ACQUIRE = """
local calls, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local newest = tonumber(redis.call('LINDEX', KEYS[1], 0))
if newest and newest > now then now = newest end
local oldest = tonumber(redis.call('LINDEX', KEYS[1], calls - 1))
if oldest and oldest + window > now then return oldest + window - now end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
redis.call('LTRIM', KEYS[1], 0, calls - 1)
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return 0
"""


class RedisRateLimit(RateLimit):
    """A call that is made within `slack` of asking for it keeps to the rate.

    That is how long Redis has to answer, too; windows are longer by it, as one call may be late
    and the next one not. A permission that comes too late is lost. A Redis that forgets its keys
    forgets the calls of the last window.
    """

    def __init__(self, url: str, rate: Rate, slack: timedelta = SLACK) -> None:
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
        self._acquire = self._redis.register_script(ACQUIRE)
        window = (rate.window + slack) // MICROSECOND
        self._arguments = [rate.calls, window]
        # another rate counts by itself: a list is only as long as its own rate needs
        self._key = f"crm:rate:ai:{rate.calls}:{window}"
        self._slack = slack.total_seconds()
        self._told_at = -QUIET_SECONDS

    async def acquire(self) -> timedelta | None:
        try:
            async with asyncio.timeout(self._slack):
                left: int = await self._acquire(keys=[self._key], args=self._arguments)
        except (RedisError, OSError, TimeoutError) as error:
            self._tell(error)
            return PAUSE
        return left * MICROSECOND if left else None

    async def close(self) -> None:
        await self._redis.aclose()

    def _tell(self, error: Exception) -> None:
        if time.monotonic() - self._told_at > QUIET_SECONDS:
            self._told_at = time.monotonic()
            log.warning("the rate limit is away", extra={"reason": type(error).__name__})
