"""The rate limits that need no server keep every rate limit's promises."""

from datetime import timedelta

import pytest

from adapters.rate_limits.memory import MemoryRateLimit
from adapters.rate_limits.none import NoRateLimit
from domain.budget import Rate
from tests.contracts.rate_limits import AnyRateLimitContract, Limits, RateLimitContract


class TestMemoryRateLimit(RateLimitContract):
    adapter = "rate_limits.memory"

    @pytest.fixture
    def limits(self) -> Limits:
        return MemoryRateLimit


class TestNoRateLimit(AnyRateLimitContract):
    adapter = "rate_limits.none"

    @pytest.fixture
    def limits(self) -> Limits:
        return lambda _rate, _slack: NoRateLimit()


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_window_slides_with_each_call() -> None:
    seconds = Seconds()
    limit = MemoryRateLimit(Rate(2, timedelta(seconds=10)), timedelta(0), seconds)
    got = []
    for at in (0.0, 9.0, 9.5, 10.0, 10.5, 18.5, 19.0):
        seconds.now = at
        got.append(await limit.acquire())

    half = timedelta(seconds=0.5)
    assert got == [None, None, half, None, 17 * half, half, None]


async def test_a_window_is_longer_by_what_a_call_may_be_late() -> None:
    seconds = Seconds()
    limit = MemoryRateLimit(Rate(1, timedelta(seconds=10)), timedelta(seconds=1), seconds)
    await limit.acquire()

    seconds.now = 10.5

    assert await limit.acquire() == timedelta(seconds=0.5)
