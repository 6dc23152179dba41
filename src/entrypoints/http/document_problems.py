"""Which kinds of problem an operation may answer: the examples of its error responses."""

from collections.abc import Mapping
from typing import Any

from entrypoints.http.problem_pages import example
from entrypoints.http.problem_types import PROBLEM_TYPES, ProblemType

MEDIA_TYPE = "application/problem+json"
WRITES_LEAD = {"createLead", "createLeadAlias", "upsertLead", "changeLead"}
ONLY: Mapping[str, set[str]] = {
    "unknown-lead-source": {"startSync"},
    "summary-run-not-found": {"getSummaryRun", "diffSummaryRun", "requeueSummaryRun"},
    "sync-run-not-found": {"getSyncRun", "listRejects", "downloadRejects", "retryRejects"},
    "sync-run-open": {"retryRejects"},
    "sync-run-without-rejects": {"retryRejects"},
    "duplicate-lead": {*WRITES_LEAD, "restoreLead"},
    "lead-changed": {"changeLead"},
    "summary-run-open": {"requeueSummaryRun"},
    "summary-run-empty": {"diffSummaryRun"},
    "invalid-lead": WRITES_LEAD,
    "invalid-activity": {"addActivity"},
    "invalid-batch": {"takeInBatch"},
    "invalid-bulk-summary": {"summarizeLeads"},
    "bulk-summary-not-found": {"getBulkSummary"},
    "ai-budget-exhausted": {"summarizeLead", "summarizeLeads"},
    "too-many-waiting": {"followSummaryRun"},
    "too-many-exports": {"exportLeads"},
    "too-many-imports": {"importLeads"},
    "not-a-file-of-leads": {"importLeads"},
    "lead-source-failed": set(),
    "summarizer-failed": set(),
}
"""The operations that answer this; what fails in the background is told by its run."""
OF_BODIES = {"not-utf8", "too-deep", "duplicate-key", "incomplete-body"}
OF_JSON = {"not-json", "too-deep", "duplicate-key"}
OF_KEYS = {"idempotency-key-reused", "idempotency-key-in-flight"}


def show_problems(operation: dict[str, Any]) -> None:
    """Give each error response an example of each kind, in place."""
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get(MEDIA_TYPE)
        kinds = [kind for kind in PROBLEM_TYPES.values() if str(kind.status) == status]
        told = {
            kind.slug: {"summary": kind.title, "value": example(kind)}
            for kind in kinds
            if _may_answer(operation, kind)
        }
        if content is not None and told:
            content["examples"] = told


def _may_answer(operation: Mapping[str, Any], kind: ProblemType) -> bool:
    parameters = {parameter["name"] for parameter in operation.get("parameters", [])}
    if kind.slug in ONLY:
        return operation["operationId"] in ONLY[kind.slug]
    if kind.slug in OF_JSON and operation["operationId"] == "importLeads":
        return False
    if kind.slug in OF_BODIES:
        return "413" in operation["responses"]
    if kind.slug in OF_KEYS:
        return "idempotency-key" in parameters
    return kind.slug != "lead-not-found" or "lead_id" in parameters
