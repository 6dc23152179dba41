"""Leads from CSV as Excel and its like write it: any separator, encodings with a mark, or UTF-8."""

import csv
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator, Mapping, Sequence
from io import TextIOWrapper
from types import MappingProxyType
from typing import BinaryIO, TextIO

from adapters.lead_sources._columns import Columns, field_of
from adapters.lead_sources._csv_records import Broken, Records
from domain.errors import FieldProblem, LeadSourceFailed
from domain.incoming import IncomingLead

MARKS = {BOM_UTF8: "utf-8-sig", BOM_UTF16_LE: "utf-16", BOM_UTF16_BE: "utf-16"}
SEPARATORS = ",;\t|"
MAX_HEADER = 100_000
"""Characters of the first line that are looked at for the separator."""
_NONE: Mapping[str, str] = MappingProxyType({})
_TOLD = re.compile('"?sep=(.)"?[\r\n]*')
"""The line by which Excel is told the separator."""


def leads_in(file: BinaryIO, mapping: Mapping[str, str] = _NONE) -> Iterator[IncomingLead]:
    """Every row under the header, those that cannot be read included, as broken ones.

    `mapping` gives the fields of columns whose names do not tell. The file can be sought in.
    LeadSourceFailed, `malformed`, before the first row for another encoding and for a header
    without an address, and at a quote that is never closed.
    """
    start = file.read(3)
    encoding = next((MARKS[mark] for mark in MARKS if start.startswith(mark)), "utf-8")
    _check_encoding(file, encoding)
    text = TextIOWrapper(file, encoding, newline="")
    try:
        yield from _leads(text, mapping)
    finally:
        text.detach()


def _check_encoding(file: BinaryIO, encoding: str) -> None:
    """Read it all once, and go back to the start."""
    file.seek(0)
    decoder, line = getincrementaldecoder(encoding)(), 1
    try:
        while piece := file.read(1_000_000):
            decoder.decode(piece)
            line += piece.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line += error.object.count(b"\n", 0, error.start)
        raise LeadSourceFailed(
            "malformed",
            f"the file is not UTF-8 in line {line}: save it anew, in Excel as"
            ' "CSV UTF-8 (Comma delimited)"',
        ) from None
    file.seek(0)


def _leads(text: TextIO, mapping: Mapping[str, str]) -> Iterator[IncomingLead]:
    separator, told = _separator(text, mapping)
    records = Records(text, separator)
    records.line = int(told)
    header = next(iter(records), None)
    if header is None:
        return
    columns = _columns(header, mapping)
    for record in records:
        yield _lead(columns, record, records.line)


def _separator(text: TextIO, mapping: Mapping[str, str]) -> tuple[str, bool]:
    """The one that makes the best header, and whether a line of its own told it; after that."""
    first = text.readline(MAX_HEADER)
    if told := _TOLD.fullmatch(first):
        return told[1], True
    text.seek(0)
    return max(SEPARATORS, key=lambda separator: _known(first, separator, mapping)), False


def _known(line: str, separator: str, mapping: Mapping[str, str]) -> tuple[int, int]:
    """How many names of columns are known, and how many there are, if it is the separator."""
    cells = next(csv.reader([line], delimiter=separator), [])
    return sum(field_of(cell, mapping) is not None for cell in cells), len(cells)


def _columns(header: Sequence[str] | Broken, mapping: Mapping[str, str]) -> Columns:
    if isinstance(header, Broken):
        raise LeadSourceFailed("malformed", f"not CSV: {header.why}")
    if "email" not in (field_of(column, mapping) for column in header):
        raise LeadSourceFailed(
            "malformed", "no column of the first line is named like an e-mail address: add a header"
        )
    return Columns.under(header, mapping)


def _lead(columns: Columns, record: Sequence[str] | Broken, line: int) -> IncomingLead:
    """What is no field of a lead keeps the row from ever becoming one."""
    if isinstance(record, Broken):
        problem = FieldProblem("row", "malformed", record.why)
        return IncomingLead({"row": record.beginning}, problem)
    fields: dict[str, object] = dict(columns.fields(record))
    if len(record) > columns.width and (beyond := columns.beyond(record)):
        detail = f"line {line}: it has more cells than there are columns"
        return IncomingLead(fields | {"row": beyond}, FieldProblem("row", "ragged", detail))
    return IncomingLead(fields)
