"""Random reads and writes through two APIs: none is shown a lead as it was before.

Acknowledged is what counts. What was only seen by another reader may be missed for a moment
where a writer has no fence: it was wiped, or Redis did not answer in time.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from adapters.caches.tiered import LEASE_SECONDS
from tests.chaos.crowd import Crowd
from tests.chaos.seed import SEED
from tests.engines.postgres import OwnPostgres
from tests.engines.redis import OwnRedis
from tests.processes import KEY, free_port, run_program, running

CLIENTS = 24
NEVER = 10**9


@contextmanager
def two_apis(folder: Path, cache: str = "redis") -> Iterator[tuple[list[str], str]]:
    """The URLs of two APIs with a worker beside them, and of their Redis."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(OwnRedis(durable=False)).url
        environ = {
            "DATABASE_URL": stack.enter_context(OwnPostgres(durable=False)).url,
            "REDIS_URL": redis_url,
            "API_SECRET_KEY": KEY,
            "CRM_CACHE": cache,
            "CRM_SUMMARIZER": "rules",
            "CRM_SWEEP": "500 ms",
            "CRM_LOG_LEVEL": "warning",
        }
        migrated = run_program("migrate", environ=environ, folder=folder)
        assert migrated.returncode == 0, migrated.stderr
        stack.enter_context(running("worker", environ, folder))
        ports = [{"CRM_PORT": str(free_port())} for _ in range(2)]
        apis = [stack.enter_context(running("api", {**environ, **port}, folder)) for port in ports]
        yield [api.url for api in apis], redis_url


async def crowd_on(
    urls: list[str], redis_url: str, operations: int, trouble_every: int, bound: float = 0.0
) -> tuple[Crowd, float]:
    """The crowd when it is through, and the hit rate of the caches."""
    chance, troubles = random.Random(SEED), Counter[str]()
    client: Any = redis.asyncio.Redis.from_url(redis_url)

    async def trouble() -> None:
        """Every other time Redis forgets everything, else some of its keys."""
        if chance.random() < 0.5:
            await client.flushall()
            troubles["wipes"] += 1
        elif keys := await client.keys("crm:*"):
            evicted = chance.sample(keys, len(keys) // 2 + 1)
            troubles["keys evicted"] += await client.delete(*evicted)

    crowd = Crowd(urls, KEY, chance, bound)
    await crowd.run(operations, CLIENTS, trouble, trouble_every)
    reads, done, floors = await crowd.cache_reads(), crowd.done, crowd.floors
    await client.aclose()

    print(f"{done.total()} operations, {done.total() - done['read']} writes: {dict(done)}")
    print(f"{dict(reads)}, {dict(troubles)}, {len(floors.acknowledged)} leads")
    hit_rate = reads["hit"] / reads.total()
    print(f"hit rate {hit_rate:.1%}, {len(floors.stale)} stale, {len(floors.backward)} backward")
    return crowd, hit_rate


@pytest.mark.parametrize(
    ("operations", "least_hit_rate"),
    # a short run is half cold, and on a busy machine many reads are given up by their deadline
    [(3_000, 0.2), pytest.param(100_000, 0.5, marks=pytest.mark.chaos)],
)
@pytest.mark.timeout(900)
def test_no_read_falls_behind_what_was_acknowledged(
    tmp_path: Path, operations: int, least_hit_rate: float
) -> None:
    print(f"CHAOS_SEED={SEED}")
    with two_apis(tmp_path) as (urls, redis_url):
        crowd, hit_rate = asyncio.run(crowd_on(urls, redis_url, operations, NEVER))

    assert crowd.floors.stale == []
    assert hit_rate >= least_hit_rate
    assert crowd.done.total() >= operations


@pytest.mark.chaos
@pytest.mark.timeout(900)
def test_while_redis_forgets_no_read_falls_behind_what_was_acknowledged(tmp_path: Path) -> None:
    print(f"CHAOS_SEED={SEED}")
    with two_apis(tmp_path) as (urls, redis_url):
        crowd, _ = asyncio.run(crowd_on(urls, redis_url, 40_000, trouble_every=100))

    assert crowd.floors.stale == []
    assert crowd.done.total() >= 40_000


@pytest.mark.chaos
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("operations", "trouble_every"), [(100_000, NEVER), (40_000, 100)])
def test_with_two_levels_no_read_falls_behind_by_more_than_the_bound(
    tmp_path: Path, operations: int, trouble_every: int
) -> None:
    print(f"CHAOS_SEED={SEED}")
    with two_apis(tmp_path, "tiered") as (urls, redis_url):
        crowd, _ = asyncio.run(crowd_on(urls, redis_url, operations, trouble_every, LEASE_SECONDS))

    assert crowd.floors.stale == []
    assert crowd.done.total() >= operations
