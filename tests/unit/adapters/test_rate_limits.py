"""The rate limits that need no server keep every rate limit's promises."""

from datetime import timedelta
from uuid import UUID

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
        return lambda _rate, _lasts: NoRateLimit()


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_window_slides_with_each_call() -> None:
    seconds = Seconds()
    limit = MemoryRateLimit(Rate(2, timedelta(seconds=10)), timedelta(seconds=30), seconds)
    got = []
    for n, at in enumerate((0.0, 9.0, 9.5, 10.0, 10.5, 18.5, 19.0)):
        seconds.now = at
        got.append(await limit.begin(UUID(int=n)))
        await limit.end(UUID(int=n))

    half = timedelta(seconds=0.5)
    assert got == [None, None, half, None, 17 * half, half, None]
