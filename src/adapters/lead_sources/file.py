"""Leads from a file: JSON, NDJSON or CSV, told by its ending."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

import msgspec

from adapters.lead_sources._csv import leads_in
from adapters.lead_sources._lines import lines_in
from domain.errors import LeadSourceFailed
from domain.incoming import IncomingLead
from domain.ports import LeadSource, UploadReader
from domain.upload import FILLED, FileFormat, Upload

BATCH = 1_000
MAX_BYTES = 100_000_000


class FileSource(LeadSource):
    """Each fetch offers every row of the file, read batch by batch; JSON is read as a whole.

    JSON and NDJSON are UTF-8, with or without a byte order mark, their names may be written like
    `Job Title`; CSV is what `leads_in` reads. A file in another encoding is refused before its
    first row.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        return "file"

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        rows = self._rows()
        while batch := await asyncio.to_thread(_next_batch, rows):
            yield batch

    def _rows(self) -> Iterator[IncomingLead]:
        readers = {".json": _json, ".ndjson": _lines, ".jsonl": _lines, ".csv": None}
        ending = self._path.suffix.lower()
        if ending not in readers:
            endings = ", ".join(readers)
            raise LeadSourceFailed("malformed", f"the file's name must end in one of: {endings}")
        read = readers[ending]
        try:
            self._check_size()
            with self._path.open("rb") as file:
                yield from leads_in(file) if read is None else _read(file, read)
        except OSError as error:
            raise LeadSourceFailed("unavailable", f"cannot read: {error.strerror}") from None

    def _check_size(self) -> None:
        size = self._path.stat().st_size
        if not self._path.is_file():
            raise LeadSourceFailed("unavailable", "cannot read: this is not a file")
        if size > MAX_BYTES:
            raise LeadSourceFailed("too_large", f"the file is larger than {MAX_BYTES} bytes")


class ReadUpload(UploadReader):
    def __call__(self, file: BinaryIO, upload: Upload) -> Iterator[IncomingLead]:
        read = leads_in if upload.format is FileFormat.CSV else lines_in
        return read(file, upload.mapping)


def _next_batch(rows: Iterator[IncomingLead]) -> list[IncomingLead]:
    return list(islice(rows, BATCH))


def _read(file: BinaryIO, read: Callable[[TextIO], Iterator[object]]) -> Iterator[IncomingLead]:
    text = TextIOWrapper(file, "utf-8-sig", newline="")
    try:
        while text.read(1_000_000):
            pass  # the encoding is checked
    except UnicodeDecodeError:
        detail = "the file is not UTF-8: save it in that encoding"
        raise LeadSourceFailed("malformed", detail) from None
    text.seek(0)
    for row in read(text):
        yield IncomingLead(_fields_of(row))


def _json(text: TextIO) -> Iterator[object]:
    try:
        document = msgspec.json.decode(text.read())
    except (ValueError, RecursionError):
        raise LeadSourceFailed("malformed", "the file is not JSON") from None
    if isinstance(document, Mapping):
        document = document.get("items", document.get("results"))
    if not isinstance(document, list):
        raise LeadSourceFailed("malformed", "the file holds no list of leads")
    yield from document


def _lines(text: TextIO) -> Iterator[object]:
    """A line that is not JSON is offered as nothing, so that it is counted."""
    for line in text:
        if line.strip():
            try:
                yield msgspec.json.decode(line)
            except (ValueError, RecursionError):
                yield None


def _fields_of(row: object) -> dict[str, object]:
    if not isinstance(row, Mapping):
        return {}
    named = {_field_name(column): value for column, value in row.items() if not _blank(value)}
    return {name: value for name, value in named.items() if name in FILLED}


def _field_name(column: object) -> str:
    return str(column).strip().lower().replace(" ", "_").replace("-", "_")


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
