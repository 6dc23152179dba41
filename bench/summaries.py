"""What `bench.workers` measures, as lines of the one table."""

import statistics
from collections.abc import Sequence

from bench.options import Options
from bench.table import Bar, Line
from bench.workers import (
    CORE_SHARE,
    IN_FLIGHT,
    MEGABYTES,
    RATIO,
    SLOW_SECONDS,
    Slow,
    Told,
    measured,
)

CONCURRENCY, ROUNDS = 200, 3


async def workers(options: Options) -> list[Line]:
    """One worker process of ours and one of SAQ, in turns; then an AI that takes its time."""
    # each takes many seconds, however long the rounds of requests are
    found = await measured(CONCURRENCY, min(options.rounds, ROUNDS))
    return [_compared(found.ours, found.saqs), *_in_flight(found.slow)]


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
