"""Problem details (RFC 9457): the one shape of every error that the API answers."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from msgspec import UNSET, Meta, UnsetType

from entrypoints.http.json_text import escaped
from entrypoints.http.problem_types import PROBLEM_TYPES
from entrypoints.http.replies import Reply, encoded_reply

MEDIA_TYPE = "application/problem+json"


class FieldError(msgspec.Struct, frozen=True):
    """One broken rule."""

    pointer: Annotated[str, Meta(description="JSON pointer (RFC 6901) into the body")]
    code: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, as RFC 9457 says it."""

    type: Annotated[str, Meta(description="The kind of problem, and the page that explains it")]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Meta(description="The path that was asked for")]
    request_id: Annotated[str, Meta(description="Also in the logs and in `x-request-id`")]
    errors: list[FieldError] | UnsetType = UNSET
    existing_id: UUID | UnsetType = UNSET
    field: str | UnsetType = UNSET


def pointer(*steps: object) -> str:
    """The JSON pointer that goes these steps from the body; none of them is the body itself."""
    return "".join(f"/{escaped(str(step))}" for step in steps)


DEFECT = ("internal-error", "This is our fault, not yours.")
"""Slug and detail of what nobody has foreseen."""


def request_id_of(scope: Mapping[str, object]) -> str:
    state = scope.get("state")
    return str(state.get("request_id", "")) if isinstance(state, Mapping) else ""


def problem(
    scope: Mapping[str, object],
    slug: str,
    detail: str,
    **more: Any,
) -> Problem:
    """A problem for this request; its status and title stand in the table of problem types."""
    kind = PROBLEM_TYPES[slug]
    return Problem(
        type=kind.uri,
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=str(scope["path"]),
        request_id=request_id_of(scope),
        **more,
    )


def problem_reply(told: Problem, headers: Mapping[str, str] | None = None) -> Reply:
    """To be answered in front of the router, as behind it."""
    return encoded_reply(told.status, told, headers, MEDIA_TYPE)


DESCRIPTIONS: Mapping[int, str] = {
    400: "The request cannot be parsed, or a parameter is wrong",
    401: "No key, or a wrong one",
    404: "There is no such thing",
    408: "The body did not come in time",
    409: "It conflicts with what is there",
    412: "The lead is not in the version that `If-Match` names",
    413: "The body is too large",
    414: "Path and query are too long",
    415: "The body is not JSON",
    422: "The body was understood, but breaks the rules; or its `Idempotency-Key` came before "
    "with another",
    428: "This server wants `If-Match` with every change",
    429: "Too many ask for this at once; try again after `Retry-After` seconds",
    431: "The headers are too large",
    500: "A defect of the server",
    503: "The database is away; try again after `Retry-After` seconds",
}


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The error responses of one operation, besides those that every operation may give."""
    # what may be too large may come too slowly
    slow = {408} if 413 in statuses else set()
    return {
        status: ResponseSpec(
            Problem,
            generate_examples=False,
            description=DESCRIPTIONS[status],
            media_type=MEDIA_TYPE,
        )
        for status in sorted({*statuses, *slow, 400, 401, 414, 431, 500, 503})
    }
