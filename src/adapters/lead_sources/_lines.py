"""Leads from NDJSON: a broken or endless line costs only itself."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO

import msgspec

from adapters.lead_sources._members import fields_of
from domain.errors import FieldProblem
from domain.incoming import IncomingLead

MAX_LINE = 1_000_000
"""Bytes of NDJSON; a longer line is passed over without being held."""
SHOWN = 1_000
"""Characters of a broken line that are kept to be looked at."""
_NONE: Mapping[str, str] = MappingProxyType({})


def lines_in(file: BinaryIO, mapping: Mapping[str, str] = _NONE) -> Iterator[IncomingLead]:
    """Every line that is not blank, in UTF-8; `mapping` is that of `fields_of`."""
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield _broken(line, f"line {number}: it is too long to be read")
            continue
        if number == 1:
            line = line.removeprefix(BOM_UTF8)
        if line.strip():
            yield _lead(line, number, mapping)


def _lead(line: bytes, number: int, mapping: Mapping[str, str]) -> IncomingLead:
    try:
        row = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return _broken(line, f"line {number}: it is not JSON")
    if not isinstance(row, dict):
        return _broken(line, f"line {number}: it is no JSON object")
    return IncomingLead(fields_of(row, mapping))


def _broken(line: bytes, why: str) -> IncomingLead:
    beginning = line[: SHOWN * 4].decode(errors="replace")[:SHOWN].rstrip("\r\n")
    return IncomingLead({"row": beginning}, FieldProblem("row", "malformed", why))
