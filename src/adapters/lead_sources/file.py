"""Leads from a file: JSON, NDJSON or CSV, told by its ending."""

import asyncio
from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from adapters.lead_sources._csv import leads_in
from adapters.lead_sources._lines import lines_in
from adapters.lead_sources._members import fields_of
from domain.errors import LeadSourceFailed
from domain.incoming import IncomingLead
from domain.ports import LeadSource, UploadReader
from domain.upload import FileFormat, Upload

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
        readers: Mapping[str, Callable[[BinaryIO], Iterator[IncomingLead]]] = {
            ".json": _json,
            ".ndjson": _lines,
            ".jsonl": _lines,
            ".csv": leads_in,
        }
        ending = self._path.suffix.lower()
        if ending not in readers:
            endings = ", ".join(readers)
            raise LeadSourceFailed("malformed", f"the file's name must end in one of: {endings}")
        try:
            self._check_size()
            with self._path.open("rb") as file:
                yield from readers[ending](file)
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


def _json(file: BinaryIO) -> Iterator[IncomingLead]:
    _check_utf_8(file)
    try:
        document = msgspec.json.decode(file.read().removeprefix(BOM_UTF8))
    except (ValueError, RecursionError):
        raise LeadSourceFailed("malformed", "the file is not JSON") from None
    if isinstance(document, Mapping):
        document = document.get("items", document.get("results"))
    if not isinstance(document, list):
        raise LeadSourceFailed("malformed", "the file holds no list of leads")
    for row in document:
        yield IncomingLead(fields_of(row, {}) if isinstance(row, Mapping) else {})


def _lines(file: BinaryIO) -> Iterator[IncomingLead]:
    _check_utf_8(file)
    yield from lines_in(file)


def _check_utf_8(file: BinaryIO) -> None:
    """Read it all once, and go back to the start."""
    decoder = getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(1_000_000):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        detail = "the file is not UTF-8: save it in that encoding"
        raise LeadSourceFailed("malformed", detail) from None
    file.seek(0)
