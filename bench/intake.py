"""How fast rows come in: COPY, our statements, whole imports, and rows one by one."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from bench.intake_rows import sample
from bench.intake_ways import bare_copy, end_to_end, leads_of, row_by_row, sql_stage
from bench.stopwatch import Stopwatch
from tests.engines.postgres import OwnPostgres

ROWS, ONE_BY_ONE, ROUNDS = 100_000, 3_000, 3
SQL_BAR, WHOLE_BAR = 0.4, 20.0


async def main(rows: int = ROWS, rounds: int = ROUNDS) -> None:
    """Exit 1 if a ratio is below its bar; RuntimeError if a count is not what it must be."""
    many, few = sample(rows), sample(ONE_BY_ONE, first=10_000_000)
    leads = leads_of(many)
    with OwnPostgres() as server:
        watch = Stopwatch(server.pid)
        ways: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
            "bare COPY": (len(leads), lambda: bare_copy(server.url, watch, leads)),
            "leads only": (
                len(leads),
                lambda: sql_stage(server.url, watch, leads, leads_only=True),
            ),
            "SQL stage": (len(leads), lambda: sql_stage(server.url, watch, leads)),
            "end to end": (rows, lambda: end_to_end(server.url, watch, many)),
            "row by row": (ONE_BY_ONE, lambda: row_by_row(server.url, watch, few)),
        }
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(rounds):
            for name, (count, way) in ways.items():
                await way()
                rates[name].append(count / watch.seconds)
                print(
                    f"{number + 1} {name:11} {count / watch.seconds:9,.0f} rows/s"
                    f"   {watch.ours / count * 1e6:6.1f} + {watch.theirs / count * 1e6:6.1f}"
                    " \u00b5s of ours and of the server's for each",
                    flush=True,
                )
    print(rates)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
