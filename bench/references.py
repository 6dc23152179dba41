"""Limits that nothing of ours is held against, and that many of our figures rest on."""

import statistics

from bench.engines import engines
from bench.limits.copy import copied
from bench.limits.redis_get import by_pool, multiplexed
from bench.options import Options
from bench.table import Line

COPY = "bare COPY into leads"
ROWS = 20_000


async def references(options: Options) -> list[Line]:
    """In turns, as everything here."""
    found: dict[str, list[float]] = {"pool": [], "line": [], "copy": []}
    async with engines(1_000) as own:
        for number in range(options.rounds):
            at_once, seconds = options.connections, options.seconds / 2
            found["pool"].append(await by_pool(own.redis.url, at_once, seconds))
            found["line"].append(await multiplexed(own.redis.url, at_once, seconds))
            found["copy"].append(await copied(own.database, 10**6 + ROWS * number, ROWS))
    medians = {name: statistics.median(rates) for name, rates in found.items()}
    return [
        Line(
            work="bare Redis GET, redis-py's pool",
            ours=medians["pool"],
            unit="/s",
            limit=medians["line"],
            against="one multiplexed connection",
            ratio=medians["pool"] / medians["line"],
        ),
        Line(work=COPY, ours=medians["copy"], unit="rows/s"),
    ]
