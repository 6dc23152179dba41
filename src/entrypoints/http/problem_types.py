"""Every kind of problem that the API answers: one entry gives status, words and page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from domain import errors
from domain.errors import CrmError

_ID = "019f3b5c-7a10-7c3e-9d54-2f6a8b1c0d2e"
_RUN = "019f3b5c-8c44-7b0a-8e21-6d1f0a9b3c57"
_LEAD = f"/leads/{_ID}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemType:
    """One kind of problem: `meaning` and `remedy` are for whoever wrote the client.

    `of` is the error of the business, or the router's status, that is told as this problem;
    `retry_after` is in seconds, where waiting helps. `detail`, `instance`, `more` are an example.
    """

    slug: str
    status: int
    title: str
    meaning: str
    remedy: str
    detail: str
    instance: str = "/leads"
    more: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    of: type[CrmError] | int | None = None
    retry_after: int | None = None

    @property
    def uri(self) -> str:
        return f"/problems/{self.slug}"


_TABLE = [
    ProblemType(
        slug="bad-request",
        status=400,
        title="The request cannot be understood",
        meaning="The body is not JSON, or a query parameter, a header, a cursor or the path's "
        "percent-encoding is wrong.",
        remedy="Read `detail`: it names what is wrong. The same request will never work.",
        detail="limit: Expected `int` <= 200",
        of=400,
    ),
    ProblemType(
        slug="not-utf8",
        status=400,
        title="The body is not UTF-8",
        meaning="JSON travels as UTF-8 (RFC 8259), and these bytes are something else.",
        remedy="Encode the body as UTF-8, with or without a byte order mark.",
        detail="The body is not UTF-8 at byte 17.",
    ),
    ProblemType(
        slug="too-deep",
        status=400,
        title="The body is nested too deeply",
        meaning="Objects and lists stand in one another more than 32 levels deep.",
        remedy="Flatten the body; nothing that this API takes is nested like that.",
        detail="The body is nested deeper than 32 levels.",
    ),
    ProblemType(
        slug="duplicate-key",
        status=400,
        title="A key stands twice in one object",
        meaning="Parsers disagree on which of the two values counts, so neither is taken. "
        "Each doubled key is in `errors`, as a JSON pointer.",
        remedy="Send each key once.",
        detail="A key stands twice in one object: /email",
        more={
            "errors": [
                {"pointer": "/email", "code": "duplicate_key", "detail": "this key stands twice"}
            ]
        },
    ),
    ProblemType(
        slug="incomplete-body",
        status=400,
        title="The body ended too early",
        meaning="The connection broke, a chunk was not what its size says, or fewer bytes came "
        "than `content-length` promised.",
        remedy="Send the request again; if this goes on, look at what frames the body.",
        detail="The body broke off before its end.",
    ),
    ProblemType(
        slug="unknown-lead-source",
        status=400,
        title="There is no such lead source",
        meaning="The server is not configured to sync from the source that was named.",
        remedy="Name one of the sources in `detail`, or none for the first.",
        detail="there is no lead source 'fair'; configured: randomuser",
        instance="/sync",
        of=errors.UnknownLeadSource,
    ),
    ProblemType(
        slug="unauthorized",
        status=401,
        title="No valid key",
        meaning="The header `x-api-key` is missing, is there twice, or holds no valid key.",
        remedy="Send one key in `x-api-key`. `smart-crm serve` prints it at its start.",
        detail="Send your key in the header x-api-key.",
    ),
    ProblemType(
        slug="not-found",
        status=404,
        title="There is no such thing",
        meaning="No route has this path, or an id in it is not a UUID.",
        remedy="Compare the path with `/docs`.",
        detail="Not Found",
        instance="/leads/17",
        of=404,
    ),
    ProblemType(
        slug="lead-not-found",
        status=404,
        title="There is no such lead",
        meaning="No lead has this id, or it is deleted.",
        remedy="If it was deleted, `POST /leads/{id}/restore` brings it back.",
        detail=f"there is no lead {_ID}",
        instance=_LEAD,
        of=errors.LeadNotFound,
    ),
    ProblemType(
        slug="summary-run-not-found",
        status=404,
        title="There is no such summary run",
        meaning="This lead has no summary run with this id.",
        remedy="`GET /leads/{id}/summaries` lists the lead's runs.",
        detail=f"this lead has no summary run {_RUN}",
        instance=f"{_LEAD}/summaries/{_RUN}",
        of=errors.SummaryRunNotFound,
    ),
    ProblemType(
        slug="bulk-summary-not-found",
        status=404,
        title="There is no such bulk summary",
        meaning="No request to summarise many leads has this id.",
        remedy="Take the id from the answer to `POST /leads/summarize`.",
        detail=f"there is no bulk summary {_RUN}",
        instance=f"/summaries/bulk/{_RUN}",
        of=errors.BulkSummaryNotFound,
    ),
    ProblemType(
        slug="sync-run-not-found",
        status=404,
        title="There is no such sync run",
        meaning="No sync has this id.",
        remedy="`GET /sync/runs` lists the syncs.",
        detail=f"there is no sync run {_RUN}",
        instance=f"/sync/runs/{_RUN}",
        of=errors.SyncRunNotFound,
    ),
    ProblemType(
        slug="method-not-allowed",
        status=405,
        title="This path does not take this method",
        meaning="The path is there, but not for this method.",
        remedy="Use one of the methods in the header `allow`.",
        detail="Method Not Allowed",
        of=405,
    ),
    ProblemType(
        slug="body-too-slow",
        status=408,
        title="The body came too slowly",
        meaning="The whole body must be here within 15 seconds. The connection is closed.",
        remedy="Send the request again, over a better line or with less in it.",
        detail="The body was not complete after 15 seconds.",
    ),
    ProblemType(
        slug="duplicate-lead",
        status=409,
        title="There is such a lead already",
        meaning="Another lead holds this e-mail, in whatever spelling, or this external id of the "
        "same source. `field` says which, `existing_id` is that lead.",
        remedy="Change the lead `existing_id` instead, or send another value.",
        detail=f"lead {_ID} already has this email",
        more={"existing_id": _ID, "field": "email"},
        of=errors.DuplicateLead,
    ),
    ProblemType(
        slug="lead-changed",
        status=409,
        title="The lead was changed meanwhile",
        meaning="Somebody else wrote this lead at the same moment, again and again.",
        remedy="Send the request again after `retry-after` seconds.",
        detail=f"lead {_ID} was changed by somebody else meanwhile",
        instance=_LEAD,
        of=errors.LeadChanged,
        retry_after=1,
    ),
    ProblemType(
        slug="summary-run-open",
        status=409,
        title="The summary run is not at its end",
        meaning="A run is tried again only after it has succeeded, failed or been blocked.",
        remedy="Wait for its end: `GET` the run and look at `state`.",
        detail=f"summary run {_RUN} is not at its end",
        instance=f"{_LEAD}/summaries/{_RUN}/requeue",
        of=errors.SummaryRunOpen,
    ),
    ProblemType(
        slug="sync-run-open",
        status=409,
        title="The sync run is not at its end",
        meaning="A run is retried only after its end, and each source has one open run at most.",
        remedy="Wait for the end of the run that `detail` names: `GET` it and look at `state`.",
        detail=f"sync run {_RUN} is not at its end",
        instance=f"/sync/runs/{_RUN}/retry",
        of=errors.SyncRunOpen,
    ),
    ProblemType(
        slug="sync-run-without-rejects",
        status=409,
        title="The sync run has no row to offer again",
        meaning="No row was rejected, all of them were cut as they were too long, or their time "
        "in quarantine is over.",
        remedy="Start a sync of the source with `POST /sync`.",
        detail=f"sync run {_RUN} has no whole row in quarantine",
        instance=f"/sync/runs/{_RUN}/retry",
        of=errors.SyncRunWithoutRejects,
    ),
    ProblemType(
        slug="summary-run-empty",
        status=409,
        title="The summary run holds no insight",
        meaning="Only a run that has succeeded can be compared with the one before: this one is "
        "not at its end, has failed or was blocked.",
        remedy="`GET` the run and look at `state`; wait for its end, or requeue it.",
        detail=f"summary run {_RUN} holds no insight",
        instance=f"{_LEAD}/summaries/{_RUN}/diff",
        of=errors.SummaryRunEmpty,
    ),
    ProblemType(
        slug="lead-version-mismatch",
        status=412,
        title="The lead has moved on",
        meaning="`if-match` names a version that the lead is no longer in, so nothing was changed. "
        "The header `etag` holds the version that it is in.",
        remedy="Read the lead again, decide again, and send its new `etag` as `if-match`.",
        detail=f"lead {_ID} is in version 4",
        instance=_LEAD,
        of=errors.LeadVersionMismatch,
    ),
    ProblemType(
        slug="body-too-large",
        status=413,
        title="The body is too large",
        meaning="The body has more bytes than this route takes. The connection is closed.",
        remedy="Send less at once.",
        detail="The body is larger than 65536 bytes.",
        of=413,
    ),
    ProblemType(
        slug="target-too-long",
        status=414,
        title="The URL is too long",
        meaning="Path and query together have more than 8192 bytes.",
        remedy="Shorten the query; a cursor is to be sent back as it came, and never grows.",
        detail="The path and the query have more than 8192 bytes.",
    ),
    ProblemType(
        slug="not-json",
        status=415,
        title="The body is not JSON",
        meaning="The header `content-type` is missing, or names something else than JSON in UTF-8.",
        remedy="Send JSON with `content-type: application/json`.",
        detail="Send JSON in UTF-8, with Content-Type: application/json.",
        of=415,
    ),
    ProblemType(
        slug="not-a-file-of-leads",
        status=415,
        title="The body is no file that can be imported",
        meaning="The header `content-type` is missing, or names something else than CSV or NDJSON "
        "in UTF-8.",
        remedy="Send CSV with `content-type: text/csv`, or a JSON object on each line with "
        "`content-type: application/x-ndjson`.",
        detail="Send UTF-8, with Content-Type: text/csv or application/x-ndjson.",
        instance="/leads/import",
    ),
    ProblemType(
        slug="encoded-body",
        status=415,
        title="The body is compressed",
        meaning="The body has a `content-encoding`, such as gzip, or a `transfer-encoding` other "
        "than chunked.",
        remedy="Send the body as it is.",
        detail="Send the body without a Content-Encoding.",
    ),
    ProblemType(
        slug="invalid-lead",
        status=422,
        title="The lead breaks the rules",
        meaning="The body was understood, but fields break the rules. All of them are in `errors`: "
        "`pointer` (a JSON pointer into the body), a stable `code`, and a `detail` for people.",
        remedy="Mend every field in `errors`, and send the request again.",
        detail="name: required, status: choice",
        more={
            "errors": [
                {"pointer": "/name", "code": "required", "detail": "name is required"},
                {
                    "pointer": "/status",
                    "code": "choice",
                    "detail": "status must be one of: new, contacted, qualified, unqualified, "
                    "converted",
                },
            ]
        },
        of=errors.InvalidLead,
    ),
    ProblemType(
        slug="invalid-activity",
        status=422,
        title="The activity breaks the rules",
        meaning="The body was understood, but fields break the rules. All of them are in `errors`.",
        remedy="Mend every field in `errors`, and send the request again.",
        detail="text: required",
        instance=f"{_LEAD}/activities",
        more={"errors": [{"pointer": "/text", "code": "required", "detail": "text is required"}]},
        of=errors.InvalidActivity,
    ),
    ProblemType(
        slug="headers-too-large",
        status=431,
        title="The headers are too large",
        meaning="The request's headers together have more than 32768 bytes.",
        remedy="Drop cookies and other headers; this API needs few.",
        detail="The headers have more than 32768 bytes.",
    ),
    ProblemType(
        slug="internal-error",
        status=500,
        title="A defect of the server",
        meaning="The server failed in a way that nobody foresaw. It is logged.",
        remedy="Tell whoever runs the server the `request_id`.",
        detail="This is our fault, not yours.",
    ),
    ProblemType(
        slug="database-unavailable",
        status=503,
        title="The database is away",
        meaning="The database cannot be reached or cannot write. Whether the request was done is "
        "unknown if it was a write.",
        remedy="Send the request again after `retry-after` seconds.",
        detail="The database is away",
        of=errors.DatabaseUnavailable,
        retry_after=2,
    ),
    ProblemType(
        slug="schema-mismatch",
        status=503,
        title="The database has another schema",
        meaning="The server and its database are of different versions.",
        remedy="Whoever runs the server has to run `smart-crm migrate`.",
        detail="The database has another schema",
        of=errors.SchemaMismatch,
        retry_after=60,
    ),
    ProblemType(
        slug="lead-source-failed",
        status=503,
        title="The lead source cannot be read",
        meaning="The source to sync from answered badly, too late or not at all.",
        remedy="Send the request again after `retry-after` seconds.",
        detail="The lead source cannot be read",
        instance="/sync",
        of=errors.LeadSourceFailed,
        retry_after=60,
    ),
    ProblemType(
        slug="summarizer-failed",
        status=503,
        title="The summarizer gave no answer",
        meaning="The AI gave no usable answer.",
        remedy="Send the request again after `retry-after` seconds.",
        detail="The summarizer gave no answer",
        instance=f"{_LEAD}/summarize",
        of=errors.SummarizerFailed,
        retry_after=60,
    ),
    ProblemType(
        slug="invalid-batch",
        status=422,
        title="The batch breaks the rules",
        meaning="The batch as a whole is none: no rows, too many, or an unknown mode or member. "
        "A row that breaks the rules is told in its own result, and sinks nothing.",
        remedy="Each broken rule is in `errors`, as a JSON pointer into the body.",
        detail="leads: required",
        instance="/leads/batch",
        of=errors.InvalidBatch,
    ),
    ProblemType(
        slug="invalid-bulk-summary",
        status=422,
        title="The request for summaries breaks the rules",
        meaning="A member of the body, or of its `filter`, is unknown or makes no sense.",
        remedy="Each broken rule is in `errors`, as a JSON pointer into the body.",
        detail="limit: range",
        instance="/leads/summarize",
        more={
            "errors": [
                {"pointer": "/limit", "code": "range", "detail": "limit must be from 1 to 1000"}
            ]
        },
        of=errors.InvalidBulkSummary,
    ),
    ProblemType(
        slug="idempotency-key-reused",
        status=422,
        title="The key belongs to another request",
        meaning="A request with this `Idempotency-Key` was answered, and its body was another.",
        remedy="Take a new key for a new request; send the same body to get the same answer.",
        detail="this key was given with another request",
        of=errors.IdempotencyKeyReused,
    ),
    ProblemType(
        slug="idempotency-key-in-flight",
        status=409,
        title="The request is still being answered",
        meaning="A request with this `Idempotency-Key` came before, and has no answer yet.",
        remedy="Send the request again after `retry-after` seconds.",
        detail="a request with this key is still being answered",
        of=errors.IdempotencyKeyInFlight,
        retry_after=1,
    ),
    ProblemType(
        slug="ai-budget-exhausted",
        status=429,
        title="The AI budget of this day is used up",
        meaning="`CRM_AI_DAILY_COST` or `CRM_AI_DAILY_CALLS` allows no further call today (UTC), "
        "and no summarizer that costs nothing is configured to stand in.",
        remedy="Ask again after `retry-after` seconds, when the next day begins; `GET /ai/usage` "
        "tells what was spent. `CRM_SUMMARIZER=gemini,rules` lets the rules stand in.",
        detail="what the AI may cost today, or how often it may be asked, is used up",
        instance=f"{_LEAD}/summarize",
        of=errors.AiBudgetExhausted,
        retry_after=3600,
    ),
    ProblemType(
        slug="too-many-waiting",
        status=429,
        title="Too many wait already",
        meaning="This process keeps as many streams of summary runs open as it can.",
        remedy="Connect again after `retry-after` seconds, or read the run itself.",
        detail="too many wait for summary runs already; ask again later",
        instance=f"{_LEAD}/summaries/{_RUN}/events",
        of=errors.TooManyWaiting,
        retry_after=5,
    ),
    ProblemType(
        slug="too-many-exports",
        status=429,
        title="Too many exports are running",
        meaning="This process sends as many exports at once as it can without holding up others.",
        remedy="Ask again after `retry-after` seconds.",
        detail="too many exports are running already; ask again later",
        instance="/leads/export",
        of=errors.TooManyExports,
        retry_after=10,
    ),
    ProblemType(
        slug="too-many-imports",
        status=429,
        title="A file is being uploaded already",
        meaning="Each process takes one file at a time. Runs over files that came in wait in turn.",
        remedy="Send it again after `retry-after` seconds.",
        detail="another file is being uploaded already; ask again later",
        instance="/leads/import",
        of=errors.TooManyImports,
        retry_after=10,
    ),
    ProblemType(
        slug="precondition-required",
        status=428,
        title="The version that is to be changed is not named",
        meaning="This server takes no change of a lead without `If-Match`.",
        remedy="Send the `etag` of the lead that you have read as `If-Match`, or `*` for any.",
        detail="Send the `etag` of the lead that you have read as If-Match, or `*` for any.",
        instance=_LEAD,
        of=428,
    ),
]

PROBLEM_TYPES: Mapping[str, ProblemType] = {entry.slug: entry for entry in _TABLE}
KINDS: Mapping[type[CrmError], ProblemType] = {
    entry.of: entry for entry in _TABLE if isinstance(entry.of, type)
}
HTTP_KINDS: Mapping[int, ProblemType] = {
    entry.of: entry for entry in _TABLE if isinstance(entry.of, int)
}
