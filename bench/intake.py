"""How fast leads come in: a bare COPY, our statements, whole imports, and rows one by one.

Then where the time goes, and what an import takes from everybody else.
"""

import asyncio
import statistics
import sys
from collections.abc import Awaitable, Callable, Mapping

from bench.intake_beside import beside
from bench.intake_profile import profile
from bench.intake_rows import sample
from bench.intake_ways import bare_copy, end_to_end, leads_of, row_by_row, sql_stage
from bench.stopwatch import Stopwatch
from tests.engines.postgres import OwnPostgres

ROWS, ONE_BY_ONE, ROUNDS = 100_000, 3_000, 3
SQL_BAR, WHOLE_BAR = 0.4, 20.0


async def main(rows: int = ROWS, rounds: int = ROUNDS) -> None:
    """Exit 1 if something is beyond its bar; RuntimeError if a count is not what it must be."""
    rates = await _rates(rows, rounds)
    bars = {
        ("SQL stage", "bare COPY"): SQL_BAR,
        ("leads only", "bare COPY"): SQL_BAR,
        ("end to end", "row by row"): WHOLE_BAR,
    }
    missed = []
    for (one, other), bar in bars.items():
        pairs = zip(rates[one], rates[other], strict=True)
        ratio = statistics.median(fast / slow for fast, slow in pairs)
        print(f"{one} is {ratio:.2f} \u00d7 {other} (bar {bar}; median of {rounds} pairs)")
        if ratio < bar:
            missed.append(one)
    if not await beside(rows, rounds):
        missed.append("beside")
    sys.exit(bool(missed))


async def _rates(rows: int, rounds: int) -> Mapping[str, list[float]]:
    """Rows a second of each way, in turns, so that whatever else goes on hits all alike."""
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
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(rounds):
            for name, (count, way) in ways.items():
                await way()
                rates[name].append(count / watch.seconds)
                print(
                    f"{number + 1} {name:11} {count / watch.seconds:9,.0f} rows/s, of a processor"
                    f" {watch.ours / count * 1e6:4.0f} + {watch.theirs / count * 1e6:4.0f} \u00b5s"
                    " a row (ours + the server's)",
                    flush=True,
                )
        await profile(url)
    return rates


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
