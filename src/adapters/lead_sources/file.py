"""Leads from a file: JSON, NDJSON or CSV, told by its ending."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from domain.errors import LeadSourceFailed
from domain.incoming import IncomingLead
from domain.lead_fields import TEXT_RULES
from domain.ports import LeadSource

BATCH = 1_000
MAX_BYTES = 100_000_000
TAKEN = {*TEXT_RULES, "status"} - {"source"}
"""The fields that a file may fill; what else it holds is passed over."""


class FileSource(LeadSource):
    """Each fetch offers every row of the file; column names may be written like `Job Title`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        return "file"

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        rows = await asyncio.to_thread(self._rows)
        while batch := await asyncio.to_thread(_next_batch, rows):
            yield batch

    def _rows(self) -> Iterator[object]:
        readers = {".json": _json, ".ndjson": _lines, ".jsonl": _lines, ".csv": _csv}
        read = readers.get(self._path.suffix.lower())
        if read is None:
            endings = ", ".join(readers)
            raise LeadSourceFailed("malformed", f"the file's name must end in one of: {endings}")
        try:
            if self._path.stat().st_size > MAX_BYTES:
                raise LeadSourceFailed("too_large", f"the file is larger than {MAX_BYTES} bytes")
            text = self._path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise LeadSourceFailed("unavailable", f"cannot read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise LeadSourceFailed("malformed", f"not UTF-8 at byte {error.start}") from None
        return iter(read(text))


def _next_batch(rows: Iterator[object]) -> list[IncomingLead]:
    try:
        return [IncomingLead(_fields_of(row)) for row in islice(rows, BATCH)]
    except csv.Error as error:
        raise LeadSourceFailed("malformed", f"not CSV: {error}") from None


def _json(text: str) -> Iterable[object]:
    try:
        document = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        raise LeadSourceFailed("malformed", "the file is not JSON") from None
    if isinstance(document, Mapping):
        document = document.get("items", document.get("results"))
    if not isinstance(document, list):
        raise LeadSourceFailed("malformed", "the file holds no list of leads")
    return document


def _lines(text: str) -> Iterable[object]:
    """A line that is not JSON is offered as nothing, so that it is counted."""
    for line in text.splitlines():
        if line.strip():
            try:
                yield msgspec.json.decode(line)
            except (ValueError, RecursionError):
                yield None


def _csv(text: str) -> Iterable[object]:
    return csv.DictReader(io.StringIO(text, newline=""))


def _fields_of(row: object) -> dict[str, object]:
    if not isinstance(row, Mapping):
        return {}
    named = {_field_name(column): value for column, value in row.items()}
    return {name: value for name, value in named.items() if name in TAKEN and value != ""}


def _field_name(column: object) -> str:
    return str(column).strip().lower().replace(" ", "_").replace("-", "_")
