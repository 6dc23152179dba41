"""Which error becomes which status: the one table, and the handlers that read it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from domain.errors import (
    CrmError,
    DatabaseUnavailable,
    DuplicateLead,
    IdempotencyKeyInFlight,
    IdempotencyKeyReused,
    InvalidActivity,
    InvalidBatch,
    InvalidFields,
    InvalidLead,
    LeadChanged,
    LeadNotFound,
    LeadSourceFailed,
    LeadVersionMismatch,
    SchemaMismatch,
    SummarizerFailed,
    SummaryRunNotFound,
    SummaryRunOpen,
    SyncRunNotFound,
    UnknownLeadSource,
)
from entrypoints.http.parameters import AnyRequest
from entrypoints.http.preconditions import etag
from entrypoints.http.problems import MEDIA_TYPE, FieldError, Problem, pointer, problem

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """How one error is told: `retry_after` in seconds, where waiting helps."""

    status: int
    slug: str
    title: str
    retry_after: int | None = None


KINDS: Mapping[type[CrmError], Kind] = {
    InvalidLead: Kind(422, "invalid-lead", "The lead breaks the rules"),
    InvalidBatch: Kind(422, "invalid-batch", "The batch breaks the rules"),
    InvalidActivity: Kind(422, "invalid-activity", "The activity breaks the rules"),
    DuplicateLead: Kind(409, "duplicate-lead", "There is such a lead already"),
    LeadNotFound: Kind(404, "lead-not-found", "There is no such lead"),
    LeadChanged: Kind(409, "lead-changed", "The lead was changed meanwhile", 1),
    LeadVersionMismatch: Kind(412, "lead-version-mismatch", "The lead has moved on"),
    SummaryRunNotFound: Kind(404, "summary-run-not-found", "There is no such summary run"),
    SummaryRunOpen: Kind(409, "summary-run-open", "The summary run is not at its end"),
    SyncRunNotFound: Kind(404, "sync-run-not-found", "There is no such sync run"),
    UnknownLeadSource: Kind(400, "unknown-lead-source", "There is no such lead source"),
    LeadSourceFailed: Kind(503, "lead-source-failed", "The lead source cannot be read", 60),
    SummarizerFailed: Kind(503, "summarizer-failed", "The summarizer gave no answer", 60),
    IdempotencyKeyReused: Kind(422, "idempotency-key-reused", "The key belongs to another request"),
    IdempotencyKeyInFlight: Kind(
        409, "idempotency-key-in-flight", "The request is still being answered", 1
    ),
    DatabaseUnavailable: Kind(503, "database-unavailable", "The database is away", 2),
    SchemaMismatch: Kind(503, "schema-mismatch", "The database has another schema", 60),
}
HTTP_SLUGS: Mapping[int, str] = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "not-json",
    428: "precondition-required",
}


def tell_crm_error(request: AnyRequest, error: CrmError) -> Response[Problem]:
    kind = KINDS[type(error)]
    more: dict[str, object] = {}
    if isinstance(error, InvalidFields):
        more["errors"] = [FieldError(_place(p.field), p.code, p.detail) for p in error.problems]
    if isinstance(error, DuplicateLead):
        more |= {"existing_id": error.existing_id, "field": error.field}
    if isinstance(error, DatabaseUnavailable):
        log.warning("the database is away", extra={"reason": str(error)})
    detail = kind.title if kind.status == 503 else str(error)
    told = problem(request.scope, kind.status, kind.slug, detail, kind.title, **more)
    headers = {"retry-after": str(kind.retry_after)} if kind.retry_after else {}
    if isinstance(error, LeadVersionMismatch):
        headers["etag"] = etag(error.version)
    return _response(told, headers)


def tell_http_error(request: AnyRequest, error: HTTPException) -> Response[Problem]:
    """Litestar's own refusals; a wrong parameter names itself."""
    status = error.status_code
    slug = HTTP_SLUGS.get(status, "bad-request" if status < 500 else "internal-error")
    detail = error.detail
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        detail = "; ".join(f"{item.get('key')}: {item['message']}" for item in error.extra)
    headers = {k: v for k, v in (error.headers or {}).items() if k.lower() == "allow"}
    return _response(problem(request.scope, status, slug, detail), headers)


def tell_defect(request: AnyRequest, error: Exception) -> Response[Problem]:
    log.error("a request failed unexpectedly", exc_info=error)
    told = problem(request.scope, 500, "internal-error", "This is our fault, not yours.")
    return _response(told, {})


def _place(field: str) -> str:
    """The whole body is where no field is named."""
    return pointer(field) if field else pointer()


def _response(told: Problem, headers: Mapping[str, str]) -> Response[Problem]:
    return Response(told, status_code=told.status, media_type=MEDIA_TYPE, headers=dict(headers))


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    CrmError: tell_crm_error,
    HTTPException: tell_http_error,
    Exception: tell_defect,
}
