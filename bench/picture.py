"""The ratios as a picture: a bar for each line, with a mark where its bar is set. Plain SVG."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from bench.table import Line

WIDTH, LEFT, ROW, TOP = 920, 250, 30, 58
SCALE = 400
"""Pixels for a ratio of 1.0."""
LONGEST = 1.35
"""A bar that is longer is cut off; its figure still stands beside it."""
SUBTITLE = "medians of interleaved rounds; the mark is what is asked for"
STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-size: 15px; font-weight: 600; }
    .quiet { fill: #59636e; }
    .axis { stroke: #d1d9e0; }
    .holds { fill: #1a7f37; }
    .fails { fill: #cf222e; }
    .none { fill: #8c959f; }
    .mark { stroke: #1f2328; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .quiet { fill: #9198a1; }
      .axis { stroke: #3d444d; }
      .holds { fill: #3fb950; }
      .fails { fill: #f85149; }
      .none { fill: #656c76; }
      .mark { stroke: #f0f6fc; }
    }
"""


def picture(lines: Sequence[Line]) -> str:
    """Of those lines that are a ratio to a limit and have a bar to reach."""
    shown = [line for line in lines if line.ratio is not None and line.bar]
    height = TOP + ROW * len(shown) + 14
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"  <title>{escape(_in_words(shown))}</title>",
            f"  <style>{STYLE}  </style>",
            '  <text class="title" x="12" y="24">Ours against the bare limit (1.00)</text>',
            f'  <text class="quiet" x="12" y="42">{SUBTITLE}</text>',
            *_axis(height),
            *(part for number, line in enumerate(shown) for part in _row(number, line)),
            "</svg>\n",
        ]
    )


def _in_words(lines: Sequence[Line]) -> str:
    return "; ".join(f"{line.work}: {line.ratio:.2f}, bar {line.bar}" for line in lines)


def _axis(height: int) -> list[str]:
    return [
        f'  <line class="axis" x1="{LEFT + SCALE * at:.0f}" x2="{LEFT + SCALE * at:.0f}"'
        f' y1="{TOP - 6}" y2="{height - 10}"/>'
        for at in (0, 0.25, 0.5, 0.75, 1)
    ]


def _row(number: int, line: Line) -> list[str]:
    ratio, bar = line.ratio or 0.0, line.bar
    top = TOP + ROW * number
    color = {True: "holds", False: "fails", None: "none"}[line.holds]
    length = SCALE * min(ratio, LONGEST)
    drawn = [
        f'  <text x="{LEFT - 10}" y="{top + 15}" text-anchor="end">{escape(line.work)}</text>',
        f'  <rect class="{color}" x="{LEFT}" y="{top + 2}" width="{length:.1f}" height="18"/>',
    ]
    if bar:
        at = LEFT + SCALE * min(bar.value, LONGEST)
        drawn.append(
            f'  <line class="mark" x1="{at:.1f}" x2="{at:.1f}" y1="{top - 1}" y2="{top + 23}"/>'
        )
    after = LEFT + SCALE * LONGEST + 10
    told = f"{ratio:.2f} ({bar})" if bar else f"{ratio:.2f}"
    drawn.append(f'  <text x="{after:.0f}" y="{top + 15}">{escape(told)}</text>')
    return drawn
