"""The requests that are answered without the router, as most requests are one of these."""

import re
from functools import lru_cache
from uuid import UUID

from litestar.datastructures import State

from domain.lead import LeadId
from entrypoints.http.asgi import Scope
from entrypoints.http.gate import ShortCuts
from entrypoints.http.lead_short_cuts import (
    LEADS,
    SUMMARIZE_LENGTH,
    AskForSummary,
    ListNewest,
    TakeInLead,
)
from entrypoints.http.preconditions import is_seen, tags_seen
from entrypoints.http.replies import Headers, Reply

LEAD = "/leads/{lead_id}"
LEAD_LENGTH = 43
REMEMBERED = 8192
"""Leads whose paths are not parsed again."""

_LEAD_PATH = re.compile("/leads/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def short_cuts(state: State) -> ShortCuts:
    """Over the state of the app that stands behind them."""
    return {
        ("GET", LEAD_LENGTH): ReadLead(state),
        ("GET", len(LEADS)): ListNewest(state),
        ("POST", len(LEADS)): TakeInLead(state),
        ("POST", SUMMARIZE_LENGTH): AskForSummary(state),
    }


class ReadLead:
    """`getLead` for an id as we write it, with no parameters, and no header given twice."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: Scope, headers: Headers, _: bytes) -> Reply | None:
        lead_id = _lead_id(scope["path"])
        if lead_id is None or not is_plain(scope, headers):
            return None
        scope["path_template"] = LEAD
        sent = headers.get(b"if-none-match")
        seen = tags_seen([sent.decode("latin-1")]) if sent is not None else ()
        document = await self.state["crm"].get_lead(lead_id)
        if seen and is_seen(document.version, seen):
            return 304, [(b"etag", b'"%d"' % document.version)], b""
        return 200, list(_fields(document.version, len(document.body))), document.body


def is_plain(scope: Scope, headers: Headers) -> bool:
    """Whether the path has no escapes, no parameters follow, and no header came twice."""
    return (
        not scope["query_string"]
        and len(scope["raw_path"]) == len(scope["path"])
        and len(headers) == len(scope["headers"])
    )


@lru_cache(REMEMBERED)
def _lead_id(path: str) -> LeadId | None:
    found = _LEAD_PATH.fullmatch(path)
    return LeadId(UUID(found[1])) if found else None


@lru_cache(REMEMBERED)
def _fields(version: int, length: int) -> tuple[tuple[bytes, bytes], ...]:
    return (
        (b"etag", b'"%d"' % version),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % length),
    )
