"""Interleaved rounds: whatever else the machine does meanwhile hits all contenders alike."""

import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.load import Load, Measured, measured
from bench.options import Options
from bench.servers import Server
from bench.table import Bar, Line

WARM_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Contender:
    server: Server
    load: Load


async def interleaved(
    contenders: Mapping[str, Contender],
    options: Options,
    parts: Mapping[str, int] | None = None,
    between: Callable[[], Awaitable[None]] | None = None,
) -> Mapping[str, Sequence[Measured]]:
    """What each did in each round, by name; `between` clears up before each measurement.

    `parts` are the engines' processes, whose CPU is told, too.
    """
    found: dict[str, list[Measured]] = {name: [] for name in contenders}
    for number in range(options.rounds + 1):
        # the first round warms up, and every second one goes the other way round
        names = list(contenders)[:: -1 if number % 2 else 1]
        for name in names:
            if between is not None:
                await between()
            one = contenders[name]
            result = await measured(
                one.server.target,
                one.load.of_round(number),
                options if number else replace(options, seconds=WARM_SECONDS),
                parts or {},
            )
            one.server.forget_log()
            if number:
                found[name].append(result)
    return found


def compared(
    work: str,
    ours: Sequence[Measured],
    limit: Sequence[Measured],
    against: str,
    *,
    bar: Bar | None = None,
    p99_bar: float | None = None,
) -> Line:
    """The medians of the rounds, and the median of the ratios of each round."""
    return Line(
        work=work,
        ours=_median(ours, "rate"),
        unit="/s",
        limit=_median(limit, "rate"),
        against=against,
        ratio=statistics.median(o.rate / b.rate for o, b in zip(ours, limit, strict=True)),
        bar=bar,
        p50=_median(ours, "p50"),
        p99=_median(ours, "p99"),
        limit_p50=_median(limit, "p50"),
        limit_p99=_median(limit, "p99"),
        p99_bar=p99_bar,
        cpu=_microseconds([result.cpu for result in ours]),
        limit_cpu=_microseconds([result.cpu for result in limit]),
        parts={
            name: _microseconds([result.parts.get(name) for result in ours]) or 0.0
            for name in ours[0].parts
        },
    )


def _median(results: Sequence[Measured], name: str) -> float:
    median: float = statistics.median(getattr(result, name) for result in results)
    return median


def _microseconds(seconds: Sequence[float | None]) -> float | None:
    told = [value for value in seconds if value is not None]
    return statistics.median(told) * 1e6 if told else None
