"""Leads from any JSON API: where the rows are and what they mean is told by JSONPath (RFC 9535)."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import islice

import jsonpath
import msgspec

from adapters.lead_sources._http import JsonReader, Page
from domain.errors import LeadSourceFailed
from domain.incoming import IncomingLead
from domain.ports import LeadSource

BATCH = 5_000
MAX_PAGES = 1_000


@dataclass(frozen=True, slots=True)
class Following:
    """How one page leads to the next.

    `none`; `link`: by the Link header; `page`: by counting `parameter` up from 1 until a page has
    no rows; `cursor`: by sending as `parameter` what `path` finds, until it finds nothing.
    """

    kind: str = "none"
    parameter: str = ""
    path: str = ""


class JsonSource(LeadSource):
    """`items` finds the rows of a page; `fields` finds each field of a lead in a row.

    A field whose path finds nothing is left out; of several finds the first counts. `deadline`
    bounds what a whole fetch may wait for the API, retries and pages included. ValueError for a
    path that is none.
    """

    def __init__(
        self,
        url: str,
        *,
        items: str,
        fields: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        following: Following = Following(),
        allow_private: bool = False,
        deadline: timedelta = timedelta(seconds=60),
    ) -> None:
        self._url = url
        self._items = compiled(items)
        self._fields = {name: compiled(path) for name, path in fields.items()}
        self._following = following
        self._cursor = compiled(following.path) if following.path else None
        self._deadline = deadline
        self._reader = JsonReader(allow_private=allow_private, headers=headers)

    @property
    def name(self) -> str:
        return "json"

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        asked, seen = (self._url, self._first()), set[bytes]()
        seconds = self._deadline.total_seconds()
        for number in range(1, MAX_PAGES + 1):
            began = time.monotonic()
            page = await self._reader.page(*asked, seconds)
            seconds -= time.monotonic() - began
            rows = self._items.findall(_container(page.document))
            _refuse_repeated(rows, seen)
            for batch in _batches(rows):
                yield [IncomingLead(self._fields_of(row)) for row in batch]
            further = self._next(page, rows, number)
            if further is None:
                return
            asked = further
        raise LeadSourceFailed("too_large", f"more than {MAX_PAGES} pages")

    async def close(self) -> None:
        await self._reader.close()

    def _first(self) -> Mapping[str, str]:
        return {self._following.parameter: "1"} if self._following.kind == "page" else {}

    def _next(
        self, page: Page, rows: Sequence[object], number: int
    ) -> tuple[str, Mapping[str, str]] | None:
        """What to ask for next: a URL and parameters; None at the end."""
        match self._following.kind:
            case "link":
                return (page.following, {}) if page.following else None
            case "page":
                return (self._url, {self._following.parameter: str(number + 1)}) if rows else None
            case "cursor" if self._cursor is not None:
                found = self._cursor.findall(_container(page.document))
                cursor = found[0] if found else None
                if isinstance(cursor, int | str) and cursor != "":
                    return self._url, {self._following.parameter: str(cursor)}
        return None

    def _fields_of(self, row: object) -> dict[str, object]:
        """What there is, of whatever type, so that a broken row is counted."""
        if not isinstance(row, Mapping | list):
            return {}
        found = {name: path.findall(row)[:1] for name, path in self._fields.items()}
        return {
            name: values[0] for name, values in found.items() if values and values[0] is not None
        }


def compiled(path: str) -> jsonpath.JSONPath:
    """ValueError, with a word on why, if this is no JSONPath."""
    try:
        parsed = jsonpath.compile(path)
    except jsonpath.JSONPathError as error:
        raise ValueError(str(error).partition("\n")[0]) from None
    if not isinstance(parsed, jsonpath.JSONPath):
        raise ValueError("one path, and not several")  # noqa: TRY004 - what is wrong is the text
    return parsed


def _container(document: object) -> Mapping[str, object] | list[object]:
    if isinstance(document, Mapping | list):
        return document
    raise LeadSourceFailed("malformed", "the answer is neither an object nor a list")


def _batches(rows: Sequence[object]) -> Iterator[Sequence[object]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _refuse_repeated(rows: Sequence[object], seen: set[bytes]) -> None:
    """A source that gives the same page again would go on for ever."""
    if not rows:
        return
    digest = sha256(msgspec.json.encode(rows)).digest()
    if digest in seen:
        raise LeadSourceFailed("malformed", "the source gave the same page twice")
    seen.add(digest)
