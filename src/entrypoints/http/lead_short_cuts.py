"""A lead created, a page of leads and a summary asked for, without the router.

Only in the plainest form: no key for repeating, no filter, no parameter but those of a page.
"""

import re
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.datastructures import State

from domain.lead import LeadId
from domain.lead_fields import LeadDetails
from domain.lead_list import ALL_LEADS, LeadSort
from domain.timeline import Actor, ActorKind
from entrypoints.http.asgi import Scope
from entrypoints.http.bodies import members
from entrypoints.http.idempotency import HEADER
from entrypoints.http.lead_query import LeadQuery
from entrypoints.http.leads import created, shown_page
from entrypoints.http.replies import Headers, Reply
from entrypoints.http.summaries import requested

LEADS, SUMMARIZE = "/leads", "/leads/{lead_id}/summarize"
SUMMARIZE_LENGTH = 53
REMEMBERED = 8192
"""Leads whose paths are not parsed again."""
NEWEST = LeadQuery(ALL_LEADS, LeadSort.NEWEST)
LIMIT = 50

_IDEMPOTENCY_KEY = HEADER.encode()
_SUMMARIZE_PATH = re.compile("/leads/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/summarize")
# a page as links name it; whatever is written otherwise is the router's to read
_PAGE = re.compile(rb"(?:limit=([1-9][0-9]?|1[0-9][0-9]|200))?(?:(?:^|&)cursor=([\w.-]+))?")
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


class TakeInLead:
    """`createLead` with a body, and without a key by which it may come again."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: Scope, headers: Headers, body: bytes) -> Reply | None:
        if scope["path"] != LEADS or not body or not _is_plain_post(scope, headers):
            return None
        try:
            data = _decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        scope["path_template"] = LEADS
        by = Actor(ActorKind.KEY, scope["state"]["key_id"])
        lead = await self.state["crm"].create_lead(LeadDetails.of(members(data)), by)
        return _reply(201, created(lead))


class ListNewest:
    """`listLeads` of all leads, newest first."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: Scope, headers: Headers, _: bytes) -> Reply | None:
        page = _PAGE.fullmatch(scope["query_string"])
        if scope["path"] != LEADS or page is None or not is_plain(scope, headers):
            return None
        scope["path_template"] = LEADS
        limit, cursors = int(page[1] or LIMIT), self.state["cursors"]
        after = NEWEST.after(cursors, page[2].decode() if page[2] else None)
        leads = await self.state["crm"].list_leads(limit + 1, after, ALL_LEADS, LeadSort.NEWEST)
        return _reply(200, Response(shown_page(leads, cursors, limit, NEWEST)))


class AskForSummary:
    """`summarizeLead` without parameters, and without a key by which it may come again."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: Scope, headers: Headers, _: bytes) -> Reply | None:
        lead_id = _summarized(scope["path"])
        if lead_id is None or not _is_plain_post(scope, headers):
            return None
        scope["path_template"] = SUMMARIZE
        return _reply(202, requested(await self.state["crm"].request_summary(lead_id)))


def is_plain(scope: Scope, headers: Headers) -> bool:
    """Whether the path has no escapes, and no header came twice."""
    return len(scope["raw_path"]) == len(scope["path"]) and len(headers) == len(scope["headers"])


def _is_plain_post(scope: Scope, headers: Headers) -> bool:
    return (
        not scope["query_string"] and _IDEMPOTENCY_KEY not in headers and is_plain(scope, headers)
    )


def _reply(status: int, response: Response[Any]) -> Reply:
    """What the router makes of it; `status` is for one that does not say its own."""
    body = _encoder.encode(response.content)
    fields = {
        **response.headers,
        "content-type": "application/json",
        "content-length": str(len(body)),
    }
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in fields.items()]
    return response.status_code or status, encoded, body


@lru_cache(REMEMBERED)
def _summarized(path: str) -> LeadId | None:
    found = _SUMMARIZE_PATH.fullmatch(path)
    return LeadId(UUID(found[1])) if found else None
