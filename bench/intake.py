"""How fast leads come in: a bare COPY, our statements, whole imports, and rows one by one.

Then where the time goes, and what an import takes from everybody else.
"""

import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.intake_beside import beside
from bench.intake_profile import profile
from bench.intake_rows import sample
from bench.intake_ways import bare_copy, end_to_end, leads_of, row_by_row, sql_stage
from bench.options import Options
from bench.stopwatch import Stopwatch
from bench.table import Bar, Line
from entrypoints.garbage import settle
from tests.engines.postgres import OwnPostgres

ROWS, ONE_BY_ONE, ROUNDS = 100_000, 3_000, 3
SQL_BAR, WHOLE_BAR = Bar(0.4), Bar(20)


@dataclass(frozen=True, slots=True)
class Took:
    """Rows a second, and microseconds of a processor for each, ours and the server's."""

    rate: float
    ours: float
    theirs: float


async def intake(options: Options) -> list[Line]:
    """Every count is checked, exactly: LoadFailed if one is not what it must be."""
    return await measured(ROWS, min(options.rounds, ROUNDS))


async def measured(rows: int, rounds: int) -> list[Line]:
    settle()
    took = await _took(rows, rounds)
    return [
        _line("leads by COPY, or else ON CONFLICT", "leads only", "bare COPY", SQL_BAR, took),
        _line("all SQL of new leads", "SQL stage", "bare COPY", SQL_BAR, took),
        _line("an import, end to end", "end to end", "row by row", WHOLE_BAR, took),
        *await beside(rows, rounds),
    ]


async def _took(rows: int, rounds: int) -> Mapping[str, Sequence[Took]]:
    """Each way in turns, so that whatever else the machine does hits all of them alike."""
    many, few = sample(rows), sample(ONE_BY_ONE, first=10_000_000)
    leads = leads_of(many)
    with OwnPostgres() as server:
        watch, url = Stopwatch(server.pid), server.url
        ways: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
            "bare COPY": (len(leads), lambda: bare_copy(url, watch, leads)),
            "leads only": (len(leads), lambda: sql_stage(url, watch, leads, leads_only=True)),
            "SQL stage": (len(leads), lambda: sql_stage(url, watch, leads)),
            "end to end": (rows, lambda: end_to_end(url, watch, many)),
            "row by row": (ONE_BY_ONE, lambda: row_by_row(url, watch, few)),
        }
        took: dict[str, list[Took]] = {name: [] for name in ways}
        for number in range(rounds):
            for name, (count, way) in ways.items():
                await way()
                ours, theirs = watch.ours / count * 1e6, watch.theirs / count * 1e6
                took[name].append(Took(count / watch.seconds, ours, theirs))
                print(
                    f"{number + 1} {name:11} {count / watch.seconds:9,.0f} rows/s, of a processor"
                    f" {ours:4.0f} + {theirs:4.0f} \u00b5s a row (ours + the server's)",
                    flush=True,
                )
        await profile(url)
    return took


def _line(work: str, one: str, other: str, bar: Bar, took: Mapping[str, Sequence[Took]]) -> Line:
    ours, limit = took[one], took[other]
    ratio = statistics.median(a.rate / b.rate for a, b in zip(ours, limit, strict=True))
    return Line(
        work=work,
        ours=statistics.median(each.rate for each in ours),
        unit="rows/s",
        limit=statistics.median(each.rate for each in limit),
        against=other,
        ratio=ratio,
        bar=bar,
        cpu=statistics.median(each.ours for each in ours),
        limit_cpu=statistics.median(each.ours for each in limit),
        parts={"PostgreSQL": statistics.median(each.theirs for each in ours)},
    )
