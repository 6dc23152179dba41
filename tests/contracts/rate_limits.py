"""What rate limits promise: never more than the rate in any window, however late a call is."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeAlias

from adapters.system import UuidV7Ids
from application.ports import RateLimit
from domain.budget import Rate

LASTS = timedelta(minutes=1)
HOUR = timedelta(hours=1)
Limits: TypeAlias = Callable[[Rate, timedelta], RateLimit]
"""Makes a limit by its rate and the longest that a call lasts; those of a rate may be shared."""
_ids = UuidV7Ids()


def most_in_any(window: timedelta, times: Sequence[float]) -> int:
    length = window.total_seconds()
    return max(sum(start <= at < start + length for at in times) for start in times)


async def begun(limit: RateLimit) -> timedelta | None:
    return await limit.begin(_ids.new())


async def late_calls(limit: RateLimit, calls: int, chance: random.Random) -> list[float]:
    """When so many calls arrived, each some time after it might begin; they wait as told."""
    times = []
    for _ in range(calls):
        call = _ids.new()
        while (left := await limit.begin(call)) is not None:
            await asyncio.sleep(left.total_seconds())
        await asyncio.sleep(chance.uniform(0, 0.3))
        times.append(time.monotonic())
        await limit.end(call)
    return times


class AnyRateLimitContract:
    """Inherit it with the fixture `limits`; kept even by a limit that limits nothing."""

    async def test_the_first_call_may_begin_at_once(self, limits: Limits) -> None:
        assert await begun(limits(Rate(1, HOUR), LASTS)) is None

    async def test_the_end_of_an_unknown_call_is_none_of_its_business(self, limits: Limits) -> None:
        limit = limits(Rate(1, HOUR), LASTS)

        await limit.end(_ids.new())

        assert await begun(limit) is None


class RateLimitContract(AnyRateLimitContract):
    async def test_of_two_hundred_at_once_exactly_as_many_get_through(self, limits: Limits) -> None:
        limit = limits(Rate(60, HOUR), LASTS)

        got = await asyncio.gather(*(begun(limit) for _ in range(200)))

        assert got.count(None) == 60

    async def test_a_call_under_way_keeps_its_place_beyond_a_window(self, limits: Limits) -> None:
        window = timedelta(milliseconds=20)
        limit = limits(Rate(1, window), LASTS)
        await begun(limit)

        await asyncio.sleep(0.1)

        left = await begun(limit)
        assert left is not None
        assert timedelta(0) < left <= window

    async def test_a_place_is_free_a_window_after_the_calls_end(self, limits: Limits) -> None:
        limit, call = limits(Rate(1, timedelta(milliseconds=300)), LASTS), _ids.new()
        await limit.begin(call)
        await limit.end(call)
        left = await begun(limit)
        assert left is not None
        assert timedelta(0) < left <= timedelta(milliseconds=300)

        await asyncio.sleep(left.total_seconds() + 0.001)

        assert await begun(limit) is None

    async def test_a_place_of_the_dead_is_free_when_their_call_must_have_ended(
        self, limits: Limits
    ) -> None:
        limit = limits(Rate(1, timedelta(milliseconds=50)), timedelta(milliseconds=50))
        await begun(limit)

        async with asyncio.timeout(10):
            while await begun(limit) is not None:
                await asyncio.sleep(0.01)

    async def test_who_asks_in_vain_puts_nothing_off(self, limits: Limits) -> None:
        limit, call = limits(Rate(1, HOUR), LASTS), _ids.new()
        await limit.begin(call)
        await limit.end(call)

        waits = [await begun(limit) or timedelta(0) for _ in range(50)]

        assert waits == sorted(waits, reverse=True)
        assert waits[-1] > timedelta(0)

    async def test_there_are_never_more_than_the_rate_in_any_window(self, limits: Limits) -> None:
        window, chance = timedelta(milliseconds=300), random.Random(5)
        limit = limits(Rate(5, window), LASTS)

        times = await asyncio.gather(*(late_calls(limit, 3, chance) for _ in range(10)))

        flat = [at for each in times for at in each]
        assert len(flat) == 30
        assert most_in_any(window, flat) <= 5
