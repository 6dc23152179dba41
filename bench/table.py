"""What a bench has found, a line for each bar, and the table that tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must reach, or must not pass."""

    value: float
    at_most: bool = False

    def holds(self, figure: float) -> bool:
        return figure <= self.value if self.at_most else figure >= self.value

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One kind of work: ours, the limit that it is held against, and what is asked of it.

    `ours` and `limit` are in `unit`; `ours` is None where it was skipped, and `note` says why.
    `ratio` is the median over the rounds of ours / limit, and None where there is no limit: then
    the bar is one for `ours` itself. Latencies are in milliseconds, CPU in microseconds of the
    serving process for each operation, and in `parts` of others that ours leans on, by their
    names. `p99_bar` is what `p99` may at most be, in times of the limit's. A line without a bar
    is a reference.
    """

    work: str
    ours: float | None = None
    unit: str = ""
    limit: float | None = None
    against: str = ""
    ratio: float | None = None
    bar: Bar | None = None
    p50: float | None = None
    p99: float | None = None
    limit_p50: float | None = None
    limit_p99: float | None = None
    p99_bar: float | None = None
    cpu: float | None = None
    limit_cpu: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def p99_ratio(self) -> float | None:
        return self.p99 / self.limit_p99 if self.p99 and self.limit_p99 else None

    @property
    def cpu_ratio(self) -> float | None:
        """What the ratio would be if both did nothing but compute: steady on a busy machine."""
        return self.limit_cpu / self.cpu if self.cpu and self.limit_cpu else None

    @property
    def holds(self) -> bool | None:
        """Whether each bar of this line does; None where none is set."""
        told = []
        figure = self.ours if self.ratio is None else self.ratio
        if self.bar and figure is not None:
            told.append(self.bar.holds(figure))
        if self.p99_bar and self.p99_ratio:
            told.append(self.p99_ratio <= self.p99_bar)
        return all(told) if told else None


HEAD = (
    "work", "ours", "limit", "ratio", "bar", "", "p50 ms", "p99 ms", "p99 ratio", "CPU µs",
    "by CPU",
)  # fmt: skip


def table(lines: Sequence[Line]) -> str:
    """For a terminal: columns as wide as they need be."""
    rows = [HEAD, *(_cells(line) for line in lines)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def markdown(lines: Sequence[Line]) -> str:
    rows = [HEAD, ("---",) * len(HEAD), *(_cells(line) for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(line: Line) -> tuple[str, ...]:
    """Where two figures stand in one cell, ours comes first and the limit's after it."""
    ratio, p99_ratio, by_cpu = line.ratio, line.p99_ratio, line.cpu_ratio
    bars = [str(line.bar)] if line.bar else []
    if line.p99_bar:
        bars.append(f"p99 ≤ {line.p99_bar:g} ×")
    return (
        line.work,
        line.note if line.ours is None else f"{_figure(line.ours)} {line.unit}",
        _limit(line),
        "" if ratio is None else f"{ratio:.2f}",
        ", ".join(bars),
        {True: "holds", False: "fails", None: ""}[line.holds],
        _pair(line.p50, line.limit_p50),
        _pair(line.p99, line.limit_p99),
        "" if p99_ratio is None else f"{p99_ratio:.1f}",
        _pair(line.cpu, line.limit_cpu),
        "" if by_cpu is None else f"{by_cpu:.2f}",
    )


def _limit(line: Line) -> str:
    """Where there is none, what else there is to say."""
    if line.limit is None:
        return "" if line.ours is None else line.note
    return f"{_figure(line.limit)} ({line.against})"


def _pair(ours: float | None, limit: float | None) -> str:
    return " / ".join(_figure(value) for value in (ours, limit) if value is not None)


def _figure(value: float) -> str:
    """Three digits that mean something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
