"""Leads as lines of a file: CSV or NDJSON."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from domain.lead import Lead
from domain.upload import FileFormat
from entrypoints.http.csv_text import lines
from entrypoints.lead_json import LeadView, encode_lead

BOM = "\ufeff".encode()


MEDIA_TYPES: Mapping[FileFormat, str] = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.NDJSON: "application/x-ndjson",
}


def first_line(form: FileFormat, *, bom: bool = False) -> bytes:
    """What stands before the leads: in CSV the names of a lead's fields, after a BOM if wanted."""
    if form is FileFormat.NDJSON:
        return b""
    return (BOM if bom else b"") + lines([LeadView.__struct_fields__])


def lead_lines(leads: Sequence[Lead], form: FileFormat) -> bytes:
    """A line per lead, each of them ended."""
    if form is FileFormat.NDJSON:
        return b"".join(encode_lead(lead) + b"\n" for lead in leads)
    return lines(_texts(lead) for lead in leads)


def _texts(lead: Lead) -> Iterator[str]:
    """The fields as JSON shows them, texts without their quotes, and nothing for null."""
    for value in msgspec.to_builtins(LeadView.of(lead)).values():
        if isinstance(value, str):
            yield value
        else:
            yield "" if value is None else msgspec.json.encode(value).decode()
