"""From the start of an API process to its first ready answer, and what it holds when idle."""

import asyncio
import statistics

from bench.cpu import cpu_seconds, resident_megabytes
from bench.engines import engines
from bench.options import Options
from bench.servers import ours
from bench.table import Bar, Line

STARTS = 5
IDLE_SECONDS = 1.0


async def start(_: Options) -> list[Line]:
    """Medians of five starts over PostgreSQL and Redis, with no AI configured."""
    seconds, cpu, megabytes = [], [], []
    async with engines(1_000) as own:
        for _number in range(STARTS):
            with ours("api", own.environ) as api:
                seconds.append(api.seconds_to_ready)
                cpu.append(cpu_seconds([api.target.pid]) or 0.0)
                await asyncio.sleep(IDLE_SECONDS)
                megabytes.append(resident_megabytes(api.target.pid))
    lines = [
        Line(
            work="API, start to ready",
            ours=statistics.median(seconds),
            unit="s",
            bar=Bar(1.0, at_most=True),
            note=f"{statistics.median(cpu):.2f} s of CPU",
        )
    ]
    told = [value for value in megabytes if value is not None]
    if told:
        idle = statistics.median(told)
        bar = Bar(110, at_most=True)
        lines.append(Line(work="API, idle memory", ours=idle, unit="MB", bar=bar))
    return lines
