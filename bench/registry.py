"""All benches by name, in the order of the table."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from bench.intake import intake
from bench.lists import pages
from bench.options import Options
from bench.reads import cached, uncached
from bench.references import references
from bench.start import start
from bench.summaries import workers
from bench.table import Line
from bench.writes import create, summarize

Bench: TypeAlias = Callable[[Options], Awaitable[list[Line]]]

BENCHES: Mapping[str, Bench] = {
    "cached": cached,
    "uncached": uncached,
    "create": create,
    "summarize": summarize,
    "pages": pages,
    "workers": workers,
    "intake": intake,
    "start": start,
    "references": references,
}
