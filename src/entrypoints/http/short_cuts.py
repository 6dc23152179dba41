"""The requests that are answered without the router, as most requests are one of these."""

import re
from functools import lru_cache
from uuid import UUID

import msgspec
from litestar.datastructures import State

from application.crm import Crm
from domain.lead import LeadId
from domain.lead_fields import LeadDetails
from domain.lead_list import ALL_LEADS, LeadSort
from domain.timeline import Actor, ActorKind
from entrypoints.http.asgi import Scope
from entrypoints.http.gate import ShortCuts
from entrypoints.http.lead_query import LeadQuery
from entrypoints.http.leads import created_headers, shown_page
from entrypoints.http.parameters import MAX_PAGE, PAGE
from entrypoints.http.preconditions import is_seen, tags_seen
from entrypoints.http.replies import Headers, Reply, encoded_reply
from entrypoints.http.summaries import acknowledged
from entrypoints.lead_json import LeadView

LEADS, LEAD, SUMMARIZE = "/leads", "/leads/{lead_id}", "/leads/{lead_id}/summarize"
REMEMBERED = 8192
"""Leads whose paths are not parsed again."""

_LEAD_PATH = re.compile("/leads/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/summarize)?")
_PAGE = re.compile(rb"(?:limit=([1-9][0-9]{0,2}))?(?:(?:^|(?<=[0-9])&)cursor=([A-Za-z0-9_.-]+))?")
_NEWEST = LeadQuery(ALL_LEADS, LeadSort.NEWEST)


def short_cuts(state: State) -> ShortCuts:
    """Over the state of the app that stands behind them."""
    id_length = 36 - len("{lead_id}")
    return {
        ("GET", len(LEAD) + id_length): ReadLead(state),
        ("GET", len(LEADS)): ListLeads(state),
        ("POST", len(LEADS)): CreateLead(state),
        ("POST", len(SUMMARIZE) + id_length): SummarizeLead(state),
    }


class ReadLead:
    """`getLead` for an id as we write it, with no parameters."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: Scope, headers: Headers, _: bytes) -> Reply | None:
        lead_id = _lead_id(scope["path"])
        if lead_id is None or scope["query_string"] or not _is_plain(scope, headers):
            return None
        scope["path_template"] = LEAD
        sent = headers.get(b"if-none-match")
        seen = tags_seen([sent.decode("latin-1")]) if sent is not None else ()
        document = await self.state["crm"].get_lead(lead_id)
        if seen and is_seen(document.version, seen):
            return 304, [(b"etag", b'"%d"' % document.version)], b""
        return 200, list(_fields(document.version, len(document.body))), document.body


class ListLeads:
    """`listLeads` with no filter, newest first."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: Scope, headers: Headers, _: bytes) -> Reply | None:
        asked = _PAGE.fullmatch(scope["query_string"])
        if asked is None or scope["path"] != LEADS or not _is_plain(scope, headers):
            return None
        limit = int(asked[1] or PAGE)
        if limit > MAX_PAGE:
            return None
        scope["path_template"] = LEADS
        cursors, crm = self.state["cursors"], self.state["crm"]
        after = _NEWEST.after(cursors, asked[2].decode() if asked[2] else None)
        rows = await crm.list_leads(
            limit + 1, after, _NEWEST.wanted, _NEWEST.sort, LeadView.of_values
        )
        return encoded_reply(200, shown_page(rows, cursors, limit, _NEWEST))


class CreateLead:
    """`createLead` for an object, without an Idempotency-Key."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: Scope, headers: Headers, body: bytes) -> Reply | None:
        if not body or scope["path"] != LEADS or not _is_unkeyed(scope, headers):
            return None
        try:
            data = msgspec.json.decode(body)
        except (msgspec.DecodeError, ValueError):
            return None
        if not isinstance(data, dict):
            return None
        scope["path_template"] = LEADS
        by = Actor(ActorKind.KEY, scope["state"]["key_id"])
        crm: Crm = self.state["crm"]
        lead = await crm.create_lead(LeadDetails.of(data), by)
        return encoded_reply(201, LeadView.of(lead), created_headers(lead))


class SummarizeLead:
    """`summarizeLead` with no body and no parameters, without an Idempotency-Key."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: Scope, headers: Headers, body: bytes) -> Reply | None:
        lead_id = _lead_id(scope["path"])
        if body or lead_id is None or not _is_unkeyed(scope, headers):
            return None
        scope["path_template"] = SUMMARIZE
        crm: Crm = self.state["crm"]
        told = acknowledged(await crm.request_summary(lead_id))
        return encoded_reply(told.status, told.content, {"location": told.location})


def _is_plain(scope: Scope, headers: Headers) -> bool:
    """Whether the path has no escapes, and no header came twice."""
    return len(scope["raw_path"]) == len(scope["path"]) and len(headers) == len(scope["headers"])


def _is_unkeyed(scope: Scope, headers: Headers) -> bool:
    return (
        b"idempotency-key" not in headers
        and not scope["query_string"]
        and _is_plain(scope, headers)
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
