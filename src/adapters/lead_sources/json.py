"""Leads from any JSON API: where the rows are and what they mean is told by JSONPath (RFC 9535)."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

import jsonpath

from adapters.lead_sources._http import JsonReader, Page
from adapters.lead_sources._pages import refuse_repeated
from domain.errors import LeadSourceFailed
from domain.incoming import IncomingLead
from domain.ports import TellsChanges

BATCH = 5_000
MAX_PAGES = 1_000
MAX_ROWS = 100_000
"""Of one page; a page of nothing but empty rows could hold millions."""


@dataclass(frozen=True, slots=True)
class Following:
    """How one page leads to the next.

    `none`; `link`: by the Link header; `page`: by counting `parameter` up from 1 until a page has
    no rows; `cursor`: by sending as `parameter` what `path` finds, until it finds nothing.
    """

    kind: str = "none"
    parameter: str = ""
    path: str = ""


class JsonSource(TellsChanges):
    """`items` finds the rows of a page; `fields` finds each field of a lead in a row.

    A field whose path finds nothing is left out; of several finds the first counts. `since` is
    the parameter by which the API leaves out what has not changed since a time. `deadline`
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
        since: str | None = None,
        allow_private: bool = False,
        deadline: timedelta = timedelta(seconds=60),
    ) -> None:
        self._url = url
        self._items = compiled(items)
        self._fields = {name: compiled(path) for name, path in fields.items()}
        self._following = following
        self._cursor = compiled(following.path) if following.path else None
        self._since = since
        self._deadline = deadline
        self._reader = JsonReader(allow_private=allow_private, headers=headers)

    @property
    def name(self) -> str:
        return "json"

    @property
    def tells_changes(self) -> bool:
        return self._since is not None

    def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        return self._pages({})

    def fetch_changes(self, since: datetime) -> AsyncIterator[Sequence[IncomingLead]]:
        at = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._pages({self._since: at} if self._since else {})

    async def _pages(self, always: Mapping[str, str]) -> AsyncIterator[Sequence[IncomingLead]]:
        """`always` are parameters of each page but those that the server links to."""
        asked, seen = (self._url, self._first(always)), set[bytes]()
        seconds = self._deadline.total_seconds()
        for number in range(1, MAX_PAGES + 1):
            began = time.monotonic()
            page = await self._reader.page(*asked, seconds)
            seconds -= time.monotonic() - began
            # finding takes seconds in a page of megabytes: it is not to hold up everybody else
            rows = await asyncio.to_thread(self._rows, page.document)
            if rows:
                refuse_repeated(rows, seen)
            for batch in _batches(rows):
                yield await asyncio.to_thread(self._leads, batch)
            further = self._next(page, rows, number, always)
            if further is None:
                return
            asked = further
        raise LeadSourceFailed("too_large", f"more than {MAX_PAGES} pages")

    async def close(self) -> None:
        await self._reader.close()

    def _first(self, always: Mapping[str, str]) -> Mapping[str, str]:
        if self._following.kind != "page":
            return always
        return {**always, self._following.parameter: "1"}

    def _next(
        self, page: Page, rows: Sequence[object], number: int, always: Mapping[str, str]
    ) -> tuple[str, Mapping[str, str]] | None:
        """What to ask for next: a URL and parameters; None at the end."""
        match self._following.kind:
            case "link":
                return (page.following, {}) if page.following else None
            case "page":
                counted = {**always, self._following.parameter: str(number + 1)}
                return (self._url, counted) if rows else None
            case "cursor" if self._cursor is not None:
                found = _found(self._cursor, page.document, 1)
                cursor = found[0] if found else None
                if isinstance(cursor, int | str) and cursor != "":
                    return self._url, {**always, self._following.parameter: str(cursor)}
        return None

    def _rows(self, document: object) -> list[object]:
        rows = _found(self._items, document, MAX_ROWS + 1)
        if len(rows) > MAX_ROWS:
            raise LeadSourceFailed("too_large", f"more than {MAX_ROWS} rows in a page")
        return rows

    def _leads(self, rows: Sequence[object]) -> list[IncomingLead]:
        return [IncomingLead(self._fields_of(row)) for row in rows]

    def _fields_of(self, row: object) -> dict[str, object]:
        """What there is, of whatever type, so that a broken row is counted."""
        if not isinstance(row, Mapping | list):
            return {}
        try:
            found = {name: path.findall(row)[:1] for name, path in self._fields.items()}
        except RecursionError:
            return {}
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


def _found(path: jsonpath.JSONPath, document: object, most: int) -> list[object]:
    if not isinstance(document, Mapping | list):
        raise LeadSourceFailed("malformed", "the answer is neither an object nor a list")
    try:
        return [match.obj for match in islice(path.finditer(document), most)]
    except RecursionError:
        raise LeadSourceFailed("malformed", "the answer is nested too deeply") from None


def _batches(rows: Sequence[object]) -> Iterator[Sequence[object]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch
