"""Calls to Redis under deadlines and behind breakers: none raises, none is waited for in vain."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeAlias, TypeVar

from redis.exceptions import RedisError, ResponseError

from adapters.caches._breaker import Breaker

log = logging.getLogger(__name__)

WRITERS_AT_ONCE = 64
LONGEST_PAUSE = 4.0
QUIET_SECONDS = 10.0
"""One line in the log per this time, however often Redis refuses."""
T = TypeVar("T")
Call: TypeAlias = Callable[[float], Awaitable[T]]
"""Is given the time of the monotonic clock by which it must have ended."""


class GuardedCalls:
    """Readers and writers have a breaker each, as what a writer leaves out may show the past.

    Writers may all try after each pause, and at once when anything was answered.
    """

    def __init__(self, deadline: timedelta, write_deadline: timedelta) -> None:
        self._deadline = deadline.total_seconds()
        self._write_deadline = max(write_deadline, deadline).total_seconds()
        self._reading = Breaker("reads", longest_pause=LONGEST_PAUSE)
        self._writing = Breaker("writes", one_by_one=False)
        self._turns = asyncio.Semaphore(WRITERS_AT_ONCE)
        self._told_at = -QUIET_SECONDS

    async def read(self, call: Call[T], failed: T) -> T:
        """The call's result, or `failed` if Redis is away, slow, unwilling or left alone."""
        return await self._bounded(call, failed, self._reading, self._deadline)

    async def write(self, call: Call[T], failed: T) -> T:
        """As `read`, with a writer's patience."""
        # who writes a thousand leads must not run out of time behind himself
        async with self._turns:
            return await self._bounded(call, failed, self._writing, self._write_deadline)

    async def _bounded(self, call: Call[T], failed: T, breaker: Breaker, deadline: float) -> T:
        if not breaker.admits():
            return failed
        begun = breaker.seconds()
        try:
            result = await call(begun + deadline)
        except ResponseError as error:
            # an answer, if not the one that was hoped for
            self._tell_refused(error)
            result = failed
        except (RedisError, OSError, TimeoutError) as error:
            breaker.failed(error, begun)
            return failed
        breaker.answered()
        self._writing.try_now()
        return result

    def _tell_refused(self, error: ResponseError) -> None:
        if time.monotonic() - self._told_at > QUIET_SECONDS:
            self._told_at = time.monotonic()
            log.warning("the cache refuses", extra={"reason": type(error).__name__})
