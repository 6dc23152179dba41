"""What `bench.workers` measures, as lines of the one table."""

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.backlog import Backlog
from bench.options import Options
from bench.table import Bar, Line
from bench.workers import (
    CONCURRENCIES,
    CORE_SHARE,
    IN_FLIGHT,
    JOBS,
    MEGABYTES,
    RATIO,
    SLOW_SECONDS,
    Bench,
    Slow,
    Told,
)
from tests.engines.postgres import OwnPostgres
from tests.engines.redis import OwnRedis

CONCURRENCY, ROUNDS = 200, 3


async def workers(options: Options) -> list[Line]:
    """One worker process of ours and one of SAQ, in turns; then an AI that takes its time."""
    ours, saqs = [], []
    with tempfile.TemporaryDirectory() as name, OwnPostgres() as postgres, OwnRedis() as redis:
        backlog = Backlog(postgres.url)
        await backlog.prepare()
        bench = Bench(Path(name), postgres, redis, backlog)
        best = max(CONCURRENCIES, key=lambda each: bench.noop(each, JOBS // 4).per_second)
        # each takes many seconds, however long the rounds of requests are
        for _ in range(min(options.rounds, ROUNDS)):
            saqs.append(bench.noop(best, JOBS))
            ours.append(await bench.summaries(CONCURRENCY))
        slow = await bench.slow()
        await backlog.close()
    return [_compared(ours, saqs), *_in_flight(slow)]


def _compared(ours: Sequence[Told], saqs: Sequence[Told]) -> Line:
    return Line(
        work="summaries/s, instant AI",
        ours=statistics.median(told.per_second for told in ours),
        unit="/s",
        limit=statistics.median(told.per_second for told in saqs),
        against="SAQ no-op jobs",
        ratio=statistics.median(
            o.per_second / s.per_second for o, s in zip(ours, saqs, strict=True)
        ),
        bar=Bar(RATIO),
        cpu=statistics.median(told.cpu / told.count for told in ours) * 1e6,
        limit_cpu=statistics.median(told.cpu / told.count for told in saqs) * 1e6,
        parts={"PostgreSQL": statistics.median(t.postgres / t.count for t in ours) * 1e6},
    )


def _in_flight(slow: Slow) -> list[Line]:
    ai = f"an AI of {SLOW_SECONDS:.0f} s"
    return [
        Line(work=f"summaries in flight, {ai}", ours=slow.peak, unit="at once", bar=Bar(IN_FLIGHT)),
        Line(
            work=f"worker with {ai}, share of a core",
            ours=slow.share * 100,
            unit="%",
            bar=Bar(CORE_SHARE * 100, at_most=True),
        ),
        Line(
            work=f"worker with {ai}, memory",
            ours=slow.megabytes,
            unit="MB",
            bar=Bar(MEGABYTES, at_most=True),
        ),
    ]
