"""What rate limits promise: never more than the rate in any window, and an honest wait."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeAlias

from application.ports import RateLimit
from domain.budget import Rate

SLACK = timedelta(milliseconds=200)
GENEROUS = timedelta(seconds=5)
"""A deadline that a loaded machine keeps, where the length of the window is no subject."""
Limits: TypeAlias = Callable[[Rate, timedelta], RateLimit]
"""Makes a limit by its rate and its slack; those of the same rate and slack may be shared."""


def most_in_any(window: timedelta, times: Sequence[float]) -> int:
    length = window.total_seconds()
    return max(sum(start <= at < start + length for at in times) for start in times)


async def allowed(limit: RateLimit, calls: int) -> list[float]:
    """When each of so many calls could be made, each waiting as long as it was told."""
    times = []
    for _ in range(calls):
        while (left := await limit.acquire()) is not None:
            await asyncio.sleep(left.total_seconds())
        times.append(time.monotonic())
    return times


async def taken(limit: RateLimit) -> float | None:
    """When the call could be made; None if it could not at once."""
    return time.monotonic() if await limit.acquire() is None else None


class AnyRateLimitContract:
    """Inherit it with the fixture `limits`; kept even by a limit that limits nothing."""

    async def test_the_first_call_may_be_made_at_once(self, limits: Limits) -> None:
        assert await limits(Rate(1, timedelta(hours=1)), GENEROUS).acquire() is None


class RateLimitContract(AnyRateLimitContract):
    async def test_as_many_as_the_rate_allows_may_go_at_once(self, limits: Limits) -> None:
        limit = limits(Rate(3, timedelta(hours=1)), GENEROUS)

        got = [await limit.acquire() for _ in range(4)]

        assert got[:3] == [None] * 3
        assert got[3] is not None

    async def test_of_two_hundred_at_once_exactly_as_many_get_through(self, limits: Limits) -> None:
        limit = limits(Rate(60, timedelta(hours=1)), GENEROUS)

        got = await asyncio.gather(*(limit.acquire() for _ in range(200)))

        assert got.count(None) == 60

    async def test_the_wait_is_what_is_left_of_the_window(self, limits: Limits) -> None:
        hour = timedelta(hours=1)
        limit = limits(Rate(1, hour), GENEROUS)
        await limit.acquire()

        left = await limit.acquire()

        assert left is not None
        assert hour - timedelta(minutes=1) < left <= hour + GENEROUS

    async def test_who_waits_as_long_as_told_may_go(self, limits: Limits) -> None:
        limit = limits(Rate(1, timedelta(milliseconds=100)), timedelta(seconds=1))
        await limit.acquire()
        left = await limit.acquire()
        assert left is not None

        await asyncio.sleep(left.total_seconds() + 0.001)

        assert await limit.acquire() is None

    async def test_who_asks_in_vain_puts_nothing_off(self, limits: Limits) -> None:
        limit = limits(Rate(1, timedelta(hours=1)), GENEROUS)
        await limit.acquire()

        waits = [await limit.acquire() or timedelta(0) for _ in range(50)]

        assert waits == sorted(waits, reverse=True)
        assert waits[-1] > timedelta(0)

    async def test_there_are_never_more_than_the_rate_in_any_window(self, limits: Limits) -> None:
        """Bursts come out of step with any clock, by which windows that begin anew would go."""
        window, pause = timedelta(milliseconds=600), 0.5
        limit, times = limits(Rate(5, window), SLACK), list[float]()

        for _ in range(8):
            burst = await asyncio.gather(*(taken(limit) for _ in range(6)))
            times += [at for at in burst if at is not None]
            await asyncio.sleep(pause)

        assert most_in_any(window, times) <= 5
        assert len(times) > 5
