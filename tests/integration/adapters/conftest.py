"""What tests of adapters look behind them with."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis.asyncio


@pytest.fixture
async def client(fresh_redis_url: str) -> AsyncIterator[Any]:
    """A plain client of the Redis."""
    client = redis.asyncio.Redis.from_url(fresh_redis_url)
    yield client
    await client.aclose()
