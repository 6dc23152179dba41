"""The table of a bench: what holds, what fails, and which figure stands where."""

import pytest

from bench.table import Bar, Line, markdown, table

FAST = Line(
    work="read",
    ours=6_000,
    unit="/s",
    limit=10_000,
    against="raw",
    ratio=0.6,
    bar=Bar(0.6),
    p50=10,
    p99=30,
    limit_p50=5,
    limit_p99=10,
    p99_bar=3,
    cpu=150,
    limit_cpu=20,
)


def but(**fields: object) -> Line:
    given = {name: getattr(FAST, name) for name in FAST.__slots__}
    return Line(**{**given, **fields})


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        (FAST, True),
        (but(ratio=0.59), False),
        (but(p99=31), False),
        (but(bar=Bar(0.5, at_most=True)), False),
        (but(bar=None, p99_bar=None), None),
        (but(bar=None), True),
        (Line(work="start", ours=0.9, unit="s", bar=Bar(1, at_most=True)), True),
        (Line(work="start", ours=1.1, unit="s", bar=Bar(1, at_most=True)), False),
        (Line(work="start", note="skipped", bar=Bar(1, at_most=True)), None),
    ],
)
def test_a_line_holds_where_all_its_bars_do(line: Line, holds: bool | None) -> None:
    assert line.holds is holds


def test_the_table_has_a_column_for_each_figure_ours_before_the_limits() -> None:
    head, row = table([FAST]).splitlines()
    cells = {name: row[head.index(name) :] for name in ("ours", "limit", "ratio", "bar", "CPU")}
    assert cells["ours"].startswith("6,000 /s ")
    assert cells["limit"].startswith("10,000 (raw) ")
    assert cells["ratio"].startswith("0.60 ")
    assert cells["bar"].startswith("≥ 0.6, p99 ≤ 3 ×  holds  10.0 / 5.00  30.0 / 10.0  3.0 ")
    assert cells["CPU"].split() == ["150", "/", "20.0", "0.13"]


def test_markdown_has_as_many_cells_in_each_row() -> None:
    lines = [FAST, Line(work="gone", note="skipped: no such setting")]
    rows = markdown(lines).splitlines()
    assert {row.count("|") for row in rows} == {12}
    assert "skipped: no such setting" in rows[-1]
