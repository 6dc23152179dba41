"""What the measured costs come to at scale, written into docs/scale.md.

`make bench` does so at its end, `python -m bench.scale` without measuring anything anew. Only
what stands between the two marks of that page is made anew; the rest is for people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.databases.sql.engine import POOL_SIZE
from bench.lists import FIRST_PAGE, ON_DISK
from bench.queues import Station, erlang_c, exponential, quantile, servers_needed, simulated
from bench.reads import UNCACHED, cached_by
from bench.references import COPY
from bench.report import Figures, known
from bench.table import Line
from bench.writes import CREATE, SUMMARIZE

PAGE = "scale.md"
BEGIN, END = "<!-- made by python -m bench.scale -->", "<!-- end -->"
BUSY = 0.7
"""How much of a core may be taken, by the simulation below."""
PROCESSES, REQUESTS, SEED = 8, 60_000, 7


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of CPU that one operation takes in each tier."""

    api: float
    postgres: float
    redis: float

    @classmethod
    def of(cls, line: Line) -> "Cost":
        parts = line.parts
        return cls(line.cpu or 0.0, parts.get("PostgreSQL", 0.0), parts.get("Redis", 0.0))


@dataclass(frozen=True, slots=True)
class Share:
    """So much of the traffic is work of this kind, as the bench names it."""

    work: str
    share: float


MIX = (
    Share(cached_by("redis"), 0.85),
    Share(UNCACHED, 0.04),
    Share(FIRST_PAGE, 0.06),
    Share(CREATE, 0.04),
    Share(SUMMARIZE, 0.01),
)
DATABASE_CORES = 16
TRAFFIC = 10_000
"""Requests a second."""
SUMMARIES, AI_SECONDS, PEAK = 1_000_000, 4.0, 3.0
"""A day; what the AI takes; how much busier the busiest hour is than the average one."""


def tables(lines: Sequence[Line]) -> str:
    """All of the page that is worked out; what was not measured is said to be missing."""
    by_work = {line.work: line for line in lines}
    parts = [traffic(by_work), _knee(), _pool(), summaries(by_work), _leads(by_work)]
    return "\n\n".join(parts)


def needed(mix: Sequence[Share], costs: Mapping[str, Cost], rate: float) -> Cost:
    """Cores that are taken in each tier at this rate of requests."""
    sums = [
        sum(rate * part.share * getattr(costs[part.work], tier) for part in mix) / 1e6
        for tier in ("api", "postgres", "redis")
    ]
    return Cost(*sums)


def traffic(by_work: Mapping[str, Line]) -> str:
    missing = [part.work for part in MIX if part.work not in by_work]
    if missing:
        return f"Not measured yet: {', '.join(missing)}."
    costs = {part.work: Cost.of(by_work[part.work]) for part in MIX}
    rows = [
        f"| {part.work} | {part.share:.0%} | {cost.api:,.0f} | {cost.postgres:,.0f}"
        f" | {cost.redis:,.0f} |"
        for part in MIX
        for cost in [costs[part.work]]
    ]
    at = needed(MIX, costs, TRAFFIC)
    total = f"| **cores taken at {TRAFFIC:,} requests/s** | |"
    rows.append(f"{total} **{at.api:.1f}** | **{at.postgres:.1f}** | **{at.redis:.2f}** |")
    to_have = f"| cores to have, {BUSY:.0%} busy | | {_whole(at.api)} (a process each) |"
    rows.append(f"{to_have} {_whole(at.postgres)} | {_whole(at.redis)} |")
    head = ["| work | share | API, µs of CPU | PostgreSQL, µs | Redis, µs |", "|" + " --- |" * 5]
    title = f"### {TRAFFIC:,} requests a second"
    return "\n".join([title, "", *head, *rows, "", *_full(at)])


def _full(at: Cost) -> list[str]:
    """When each tier is as busy as it may be, by the cores that are taken at TRAFFIC."""
    tiers = {
        "one API process": (1, at.api),
        f"PostgreSQL on {DATABASE_CORES} cores": (DATABASE_CORES, at.postgres),
        "Redis, which has one": (1, at.redis),
    }
    rows = [
        f"| {tier} | {TRAFFIC * BUSY * cores / taken:,.0f} |"
        for tier, (cores, taken) in tiers.items()
        if taken
    ]
    return [f"| {BUSY:.0%} busy | at requests/s of this mix |", "| --- | --- |", *rows]


def _knee() -> str:
    """How long requests take as processes get busier, in times of what one takes alone."""
    rows = []
    for busy in (0.3, 0.5, 0.7, 0.8, 0.9, 0.95):
        took = [
            simulated(
                [Station(PROCESSES, exponential(1.0), shared)], busy * PROCESSES, REQUESTS, SEED
            )
            for shared in (False, True)
        ]
        told = [quantile(each, share) for each in took for share in (0.5, 0.99)]
        rows.append(f"| {busy:.0%} | {' | '.join(f'{t:.1f}' for t in told)} |")
    head = [
        "| busy | p50, at random | p99, at random | p50, to who is free | p99, to who is free |",
        "|" + " --- |" * 5,
    ]
    return "\n".join([f"### The knee of {PROCESSES} API processes", "", *head, *rows])


def _pool() -> str:
    """How many requests a process may answer until one in a hundred waits for a connection."""
    load = 0.0
    while erlang_c(POOL_SIZE, load + 0.01) <= 0.01:
        load += 0.01
    rows = [f"| {held} ms | {load / held * 1000:,.0f} |" for held in (1, 2, 5, 20)]
    head = ["| a request holds a connection for | requests/s until 1 % wait |", "| --- | --- |"]
    return "\n".join([f"### A pool of {POOL_SIZE} connections", "", *head, *rows])


def summaries(by_work: Mapping[str, Line]) -> str:
    rate = SUMMARIES / 86_400
    peak = rate * PEAK
    slots = servers_needed(peak, AI_SECONDS, may_wait=0.01)
    rows = [
        f"| summaries a second, average and in the busiest hour | {rate:.1f} and {peak:.0f} |",
        f"| AI calls in flight then, at {AI_SECONDS:.0f} s each | {peak * AI_SECONDS:.0f} |",
        f"| places (`CRM_SUMMARY_CONCURRENCY`, over all workers) so that 1 % wait | {slots} |",
    ]
    for line in by_work.values():
        if line.work.startswith("summaries/s") and line.cpu:
            cost = Cost.of(line)
            taken = f"{peak * cost.api / 1e6:.2f} and {peak * cost.postgres / 1e6:.2f}"
            rows.append(f"| cores of workers and of PostgreSQL taken then | {taken} |")
    head = ["| | |", "| --- | --- |"]
    return "\n".join([f"### {SUMMARIES / 1e6:.0f} M summaries a day", "", *head, *rows])


def _leads(by_work: Mapping[str, Line]) -> str:
    size, copy = by_work.get(ON_DISK), by_work.get(COPY)
    rows = []
    if size and size.ours:
        rows.append(f"| 100 M leads on disk, by 1 M measured | {size.ours / 10:,.0f} GB |")
    if copy and copy.ours:
        hours = 1e8 / copy.ours / 3600
        rows.append(f"| time to copy them in, bare, at this machine's rate | {hours:,.1f} h |")
    head = ["| | |", "| --- | --- |"]
    return "\n".join(["### 100 M leads", "", *head, *rows])


def _whole(cores: float) -> int:
    """So many, none of which is busier than may be."""
    return max(1, int(-(-cores // BUSY)))


def rewritten(page: str, made: str) -> str:
    """The page with this between its marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} has lost its marks")
    return f"{before}{begin}\n\n{made}\n\n{end}{after}"


def remake(folder: Path, figures: Figures) -> None:
    """The page in that folder, if it is there."""
    page = folder / PAGE
    if page.exists():
        text = rewritten(page.read_text(encoding="utf-8"), tables(figures.lines()))
        page.write_text(text, encoding="utf-8")


def main() -> None:
    folder = Path("docs")
    figures = known(folder)
    if figures is None:
        raise SystemExit("nothing was measured yet: make bench")
    remake(folder, figures)


if __name__ == "__main__":
    main()
