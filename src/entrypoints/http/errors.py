"""How errors are told: the handlers that look each one up in the table of problem types."""

import logging
import math
from collections.abc import Mapping
from typing import Any, TypeAlias

from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from domain.errors import (
    AiBudgetExhausted,
    CrmError,
    DatabaseUnavailable,
    DuplicateLead,
    FieldProblem,
    InvalidFields,
    LeadVersionMismatch,
)
from entrypoints.http.body_guard import Refused
from entrypoints.http.parameters import AnyRequest
from entrypoints.http.preconditions import etag
from entrypoints.http.problem_types import HTTP_KINDS, KINDS
from entrypoints.http.problems import DEFECT, MEDIA_TYPE, FieldError, Problem, pointer, problem

log = logging.getLogger(__name__)

Scope: TypeAlias = Mapping[str, object]
Told: TypeAlias = tuple[Problem, Mapping[str, str]]
"""A problem, and the headers that go with it."""


def told_of_crm_error(scope: Scope, error: CrmError) -> Told:
    kind = KINDS[type(error)]
    more: dict[str, object] = {}
    if isinstance(error, InvalidFields):
        more["errors"] = [FieldError(_place(p), p.code, p.detail) for p in error.problems]
    if isinstance(error, DuplicateLead):
        more |= {"existing_id": error.existing_id, "field": error.field}
    if isinstance(error, DatabaseUnavailable):
        log.warning("the database is away", extra={"reason": str(error)})
    detail = kind.title if kind.status == 503 else str(error)
    told = problem(scope, kind.slug, detail, **more)
    headers = {"retry-after": str(kind.retry_after)} if kind.retry_after else {}
    if isinstance(error, AiBudgetExhausted):
        headers["retry-after"] = str(math.ceil(error.retry_after.total_seconds()))
    if isinstance(error, LeadVersionMismatch):
        headers["etag"] = etag(error.version)
    return told, headers


def told_of_http_error(scope: Scope, error: HTTPException) -> Told:
    """Litestar's own refusals; a wrong parameter names itself."""
    kind = HTTP_KINDS.get(error.status_code)
    fallback = "bad-request" if error.status_code < 500 else "internal-error"
    slug = kind.slug if kind is not None else fallback
    detail = error.detail
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        detail = "; ".join(map(_told, error.extra))
    headers = {k: v for k, v in (error.headers or {}).items() if k.lower() == "allow"}
    return problem(scope, slug, detail), headers


def told_of(scope: Scope, error: Exception) -> Told:
    """The problem and its headers; whatever is nobody's fault but ours is logged."""
    match error:
        case CrmError():
            return told_of_crm_error(scope, error)
        case HTTPException():
            return told_of_http_error(scope, error)
        case Refused():
            told = problem(scope, error.slug, error.detail, **error.more)
            return told, error.headers or {}
    log.error("a request failed unexpectedly", exc_info=error)
    return problem(scope, *DEFECT), {}


def tell(request: AnyRequest, error: Exception) -> Response[Problem]:
    told, headers = told_of(request.scope, error)
    return Response(told, status_code=told.status, media_type=MEDIA_TYPE, headers=dict(headers))


def _place(broken: FieldProblem) -> str:
    """The body itself is of the wrong type where no field is named; a name may be blank, too."""
    is_body = (broken.field, broken.code) == ("", "type")
    return pointer() if is_body else pointer(*broken.within, broken.field)


def _told(item: Mapping[str, Any]) -> str:
    """One parameter's fault, as Litestar found it; a body that is missing is one to it."""
    if item.get("key") == "data":
        return "The body is missing."
    return f"{item.get('key')}: {item['message']}"


EXCEPTION_HANDLERS: ExceptionHandlersMap = {HTTPException: tell, Exception: tell}
