"""What is kept of the rows that a sync rejected: the first ones, each within bounds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from domain.sync import Reject

MAX_KEPT = 1_000
"""Rows of one run."""
MAX_ROW_BYTES = 8 * 1024
"""Of a row as JSON in UTF-8."""
CUT = "(cut)"
"""The only field of what is left of a longer row: the first characters of its JSON."""
_MAX_DEPTH = 20
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """`position` counts the rejected rows of a run from 1; a row that is not whole was cut."""

    position: int
    row: Mapping[str, object]
    reasons: tuple[str, ...]
    is_whole: bool = True


def quarantined(rejects: Sequence[Reject], after: int) -> list[QuarantinedRow]:
    """The rejects that follow the first `after` ones of their run, as far as there is room."""
    return [
        _bounded(position, reject)
        for position, reject in enumerate(rejects[: MAX_KEPT - after], start=after + 1)
    ]


def _bounded(position: int, reject: Reject) -> QuarantinedRow:
    row = {_text(name): _plain(value) for name, value in reject.row.items()}
    text = json.dumps(row, ensure_ascii=False)
    if len(text.encode()) <= MAX_ROW_BYTES:
        return QuarantinedRow(position, row, reject.reasons)
    return QuarantinedRow(position, {CUT: _start_of(text)}, reject.reasons, is_whole=False)


def _start_of(text: str) -> str:
    """As much of it as fits as a text in JSON, where quotes and controls grow."""
    start = text[:MAX_ROW_BYTES]
    while len(json.dumps({CUT: start}, ensure_ascii=False).encode()) > MAX_ROW_BYTES:
        start = start[: len(start) * 3 // 4]
    return start


def _plain(value: object, depth: int = 1) -> object:
    """What every store and every reader of JSON can take, whatever the source made of it."""
    match value:
        case Mapping() | list() | tuple() if depth > _MAX_DEPTH:
            return "…"
        case Mapping():
            return {_text(name): _plain(each, depth + 1) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each, depth + 1) for each in value]
        case int():
            # in decimals it might be too long for Python to write
            return value if -_LARGEST <= value < _LARGEST else hex(value)
        case float() if isfinite(value):
            return value
    return value if value is None else _text(value)


def _text(value: object) -> str:
    """Without lone surrogates, which have no UTF-8."""
    return str(value).encode(errors="replace").decode()
