"""The rate limit in Redis keeps every rate limit's promises, over all who share it."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import redis.asyncio

from adapters.rate_limits.redis import PAUSE, RedisRateLimit
from domain.budget import Rate
from tests.contracts.rate_limits import (
    HOUR,
    LASTS,
    Limits,
    RateLimitContract,
    begun,
    late_calls,
    most_in_any,
)
from tests.engines.frozen import frozen
from tests.engines.redis import OwnRedis
from tests.processes import free_port

HOURLY = Rate(7, HOUR)
GENEROUS = timedelta(seconds=10)
"""A deadline that a loaded machine keeps."""


@pytest.fixture
async def limits(fresh_redis_url: str) -> AsyncIterator[Limits]:
    """Each with connections of its own, as another process would have them."""
    made: list[RedisRateLimit] = []

    def make(rate: Rate, lasts: timedelta) -> RedisRateLimit:
        made.append(RedisRateLimit(fresh_redis_url, rate, lasts, GENEROUS))
        return made[-1]

    yield make
    for limit in made:
        await limit.close()


@pytest.fixture
async def client(fresh_redis_url: str) -> AsyncIterator[Any]:
    client = redis.asyncio.Redis.from_url(fresh_redis_url, decode_responses=True)
    yield client
    await client.aclose()


class TestRedisRateLimit(RateLimitContract):
    adapter = "rate_limits.redis"


async def test_four_workers_share_one_rate(limits: Limits) -> None:
    workers = [limits(HOURLY, LASTS) for _ in range(4)]

    got = await asyncio.gather(*(begun(worker) for worker in workers for _ in range(50)))

    assert got.count(None) == 7


async def test_four_workers_keep_to_it_in_any_window(limits: Limits) -> None:
    window, chance = timedelta(milliseconds=300), random.Random(7)
    workers = [limits(Rate(5, window), LASTS) for _ in range(4)]

    times = await asyncio.gather(*(late_calls(each, 3, chance) for each in workers * 2))

    flat = [at for each in times for at in each]
    assert len(flat) == 24
    assert most_in_any(window, flat) <= 5


async def test_another_rate_counts_by_itself(limits: Limits) -> None:
    await asyncio.gather(*(begun(limits(HOURLY, LASTS)) for _ in range(7)))

    assert await begun(limits(Rate(9, HOUR), LASTS)) is None


async def test_what_is_kept_is_small_and_has_an_end(limits: Limits, client: Any) -> None:
    limit = limits(Rate(3, timedelta(seconds=30)), LASTS)
    for _ in range(9):
        await begun(limit)

    (key,) = await client.keys("*")

    assert await client.zcard(key) == 3
    assert 0 < await client.pttl(key) <= 90_000


async def test_a_redis_that_is_not_there_lets_nobody_begin_and_is_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    limit = RedisRateLimit(f"redis://127.0.0.1:{free_port()}/0", HOURLY, LASTS)

    with caplog.at_level(logging.INFO, "adapters"):
        got = [await begun(limit) for _ in range(5)]
        await limit.end(UUID(int=1))

    assert got == [PAUSE] * 5
    assert [record.message for record in caplog.records] == ["the rate limit is away"]
    await limit.close()


async def test_a_redis_that_does_not_answer_lets_nobody_begin_by_the_deadline(
    own_redis: OwnRedis,
) -> None:
    limit = RedisRateLimit(own_redis.url, HOURLY, LASTS)
    with frozen(own_redis):
        async with asyncio.timeout(10):
            assert await begun(limit) == PAUSE
            await limit.end(UUID(int=1))
    await limit.close()


async def test_a_key_that_holds_something_else_lets_nobody_begin(
    limits: Limits, client: Any
) -> None:
    limit = limits(HOURLY, LASTS)
    await begun(limit)
    (key,) = await client.keys("*")
    await client.set(key, "x")

    assert await begun(limit) == PAUSE


async def test_when_redis_is_back_it_goes_on(own_redis: OwnRedis) -> None:
    limit = RedisRateLimit(own_redis.url, HOURLY, LASTS)
    await begun(limit)
    await asyncio.to_thread(own_redis.stop)
    assert await begun(limit) == PAUSE

    await asyncio.to_thread(own_redis.start)

    async with asyncio.timeout(20):
        while await begun(limit) is not None:
            await asyncio.sleep(0.01)
    await limit.close()
