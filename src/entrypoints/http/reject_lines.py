"""Rejected rows as CSV: the position, the reasons, and every field that a row of the run has."""

from collections.abc import AsyncIterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from domain.quarantine import QuarantinedRow
from entrypoints.http.csv_text import lines

MAX_FIELDS = 100
OTHERS = "(others)"
"""Where rows have more fields than that: one column with the rest of each row as JSON."""


@dataclass(frozen=True, slots=True)
class RejectColumns:
    """The fields that have a column of their own, and whether there are others."""

    fields: Sequence[str]
    has_others: bool

    @classmethod
    async def of(cls, pages: AsyncIterable[Sequence[QuarantinedRow]]) -> "RejectColumns":
        """Those of these rows, in the order in which they come up."""
        names: dict[str, None] = {}
        async for rows in pages:
            for row in rows:
                names.update(dict.fromkeys(row.row))
                # one more tells that there are more, and rows may be hostile
                names = dict.fromkeys(list(names)[: MAX_FIELDS + 1])
        return cls(list(names)[:MAX_FIELDS], has_others=len(names) > MAX_FIELDS)

    def head(self) -> bytes:
        others = [OTHERS] if self.has_others else []
        return lines([["position", "reasons", *self.fields, *others]])

    def lines(self, rows: Sequence[QuarantinedRow]) -> bytes:
        """A line per row, each of them ended."""
        return lines(self._cells(row) for row in rows)

    def _cells(self, row: QuarantinedRow) -> Iterator[str]:
        yield str(row.position)
        yield "; ".join(row.reasons)
        yield from (_text(row.row.get(name)) for name in self.fields)
        if self.has_others:
            rest = {name: row.row[name] for name in row.row if name not in self.fields}
            yield _text(rest or None)


def _text(value: object) -> str:
    """As JSON shows it, texts without their quotes, and nothing for null."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()
