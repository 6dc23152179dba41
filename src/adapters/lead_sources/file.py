"""Leads from a file."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from domain.incoming import IncomingLead
from domain.ports import LeadSource


class FileSource(LeadSource):
    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        return "file"

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        yield [IncomingLead(row) for row in msgspec.json.decode(self._path.read_bytes())]
