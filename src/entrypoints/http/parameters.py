"""What handlers take from the request: the system, ids, pages; and a word on unknown names."""

import difflib
from collections.abc import Collection, Mapping
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from litestar import Request
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import FromPath, QueryParameter

from application.crm import Crm
from domain.timeline import Actor, ActorKind
from entrypoints.http.cursors import Cursors

AnyRequest: TypeAlias = Request[Any, Any, Any]
CrmDependency: TypeAlias = NamedDependency[Crm]
CursorsDependency: TypeAlias = NamedDependency[Cursors]
Caller: TypeAlias = NamedDependency[Actor]
PathId: TypeAlias = FromPath[UUID]
PAGE, MAX_PAGE = 50, 200
"""Rows of a page: unless told, and at most."""
Limit: TypeAlias = Annotated[
    int, QueryParameter(ge=1, le=MAX_PAGE, description="How many rows a page holds at most")
]
Cursor: TypeAlias = Annotated[
    str | None, QueryParameter(description="The `next_cursor` of the page before")
]

SYNONYMS: Mapping[str, str] = {
    **dict.fromkeys(("query", "search", "term", "filter"), "q"),
    **dict.fromkeys(("page_size", "per_page", "size", "count", "top", "max"), "limit"),
    **dict.fromkeys(("page", "page_token", "offset", "skip", "after", "before", "start"), "cursor"),
    **dict.fromkeys(("order", "order_by", "ordering", "orderby"), "sort"),
    **dict.fromkeys(
        ("since", "modified_after", "modified_since", "changed_after"), "updated_after"
    ),
    **dict.fromkeys(("from", "created_since"), "created_after"),
    **dict.fromkeys(("to", "until"), "created_before"),
    **dict.fromkeys(("state", "stage"), "status"),
}
"""What other APIs call the parameters of this one."""
PAGED = {"parameters": ("limit", "cursor")}
"""The `opt` of every handler that lists."""


async def calling_key(request: AnyRequest) -> Actor:
    """Who asks, for the timeline."""
    return Actor(ActorKind.KEY, request.scope["state"]["key_id"])


async def refuse_unknown_parameters(request: AnyRequest) -> None:
    """A misspelt parameter must not look as if it had worked."""
    known = request.route_handler.opt.get("parameters", ())
    for name in request.query_params:
        if name not in known:
            raise ClientException(f"{name}: this parameter is not known here{_hint(name, known)}")
        if len(request.query_params.getall(name)) > 1:
            raise ClientException(f"{name}: given more than once")


def _hint(name: str, known: Collection[str]) -> str:
    if not known:
        return ""
    asked = name.lower().replace("-", "_")
    other = SYNONYMS.get(asked)
    close = [other] if other in known else difflib.get_close_matches(asked, known, n=1)
    return f" (did you mean `{close[0]}`?)" if close else f" (known: {', '.join(known)})"
