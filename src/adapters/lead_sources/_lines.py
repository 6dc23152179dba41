"""Leads from NDJSON that somebody sent: a broken or endless line costs only itself."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

import msgspec

from domain.errors import FieldProblem
from domain.incoming import IncomingLead
from domain.upload import FILLED

MAX_LINE = 1_000_000
"""Bytes of NDJSON; a longer line is passed over without being held."""
SHOWN = 1_000
"""Characters of a broken line that are kept to be looked at."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def lines_in(file: BinaryIO, mapping: Mapping[str, str]) -> Iterator[IncomingLead]:
    """Every line that is not blank; `mapping` gives the fields of members of other names."""
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield _broken(line, f"line {number}: it is too long to be read")
            continue
        if number == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
        if line.strip():
            yield _lead(line, number, mapping)


def _lead(line: bytes, number: int, mapping: Mapping[str, str]) -> IncomingLead:
    try:
        row = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return _broken(line, f"line {number}: it is not JSON")
    if not isinstance(row, dict):
        return _broken(line, f"line {number}: it is no JSON object")
    fields = {mapping.get(name, name): value for name, value in row.items() if value is not None}
    return IncomingLead({name: value for name, value in fields.items() if name in FILLED})


def _broken(line: bytes, why: str) -> IncomingLead:
    beginning = line[: SHOWN * 4].decode(errors="replace")[:SHOWN].rstrip("\r\n")
    return IncomingLead({"row": beginning}, FieldProblem("row", "malformed", why))
