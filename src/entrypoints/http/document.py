"""What Litestar cannot say by itself about the API: headers, strict bodies, links, media types."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.activity import TEXT
from domain.lead_fields import TEXT_RULES, TextRule
from domain.lead_list import LeadSort
from entrypoints.http.document_problems import show_problems
from entrypoints.http.lead_query import Q_RULE, SOURCE_RULE

LINE = r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*"
LINES = r"[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]*"
"""Texts without control characters and without other line breaks than those of ASCII."""
SEEN = (
    r"[^\u0000-\u0020\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u1680"
    r"\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U00013438\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f]"
)
"""One character that can be seen: no space, and none that only steers how others are shown."""
RULES: Mapping[str, TextRule] = {**TEXT_RULES, "text": TEXT}
QUERY_RULES: Mapping[str, TextRule] = {"q": Q_RULE, "source": SOURCE_RULE}
STRICT = (
    "NewLead",
    "LeadChanges",
    "LeadUpsert",
    "NewBatch",
    "NewActivity",
    "NewBulkSummary",
    "WantedLeads",
)
"""Bodies in which an unknown member is refused."""


def _header(description: str, example: str, **schema: Any) -> dict[str, Any]:
    return {
        "description": description,
        "required": True,
        "schema": {"type": "string", "examples": [example], **schema},
    }


HEADERS: Mapping[str, dict[str, Any]] = {
    "x-request-id": _header(
        "Names this request in the logs; yours, if you sent one that fits",
        "019f3b5c-7a10-7c3e-9d54-2f6a8b1c0d2e",
    ),
    "etag": _header("The lead's version, for `If-Match` and `If-None-Match`", '"3"'),
    "location": _header(
        "Where it can be read",
        "/leads/019f3b5c-7a10-7c3e-9d54-2f6a8b1c0d2e",
        format="uri-reference",
    ),
    "retry-after": _header("Try again after so many seconds", "5", pattern="^[0-9]+$"),
    "www-authenticate": _header("How to show your key", 'ApiKey realm="smart-crm"'),
    "content-disposition": _header(
        "The name to save it by", 'attachment; filename="leads-2026-11-24.csv"'
    ),
    "idempotency-replayed": {
        **_header("Given if this was answered before to the same `Idempotency-Key`", "true"),
        "required": False,
    },
}
OF_STATUS = {"401": ["www-authenticate"], "412": ["etag"], "429": ["retry-after"]}
RUN_EVENT = {
    "type": "object",
    "description": "One event of the stream",
    "required": ["event", "id", "data"],
    "properties": {
        "event": {"type": "string", "enum": ["run"]},
        "id": {"type": "string"},
        "data": {"type": "string", "description": "A `SummaryRunView` as JSON"},
    },
}
NDJSON = {
    "schema": {"type": "string", "description": "On each line a `LeadView` as JSON"},
    "examples": {"one": {"value": '{"id": "019f3b5c-7a10-7c3e-9d54-2f6a8b1c0d2e"}\n'}},
}
FILES = {
    "text/csv": {
        "schema": {"type": "string", "description": "A header, and under it a lead on each line"},
        "examples": {"one": {"value": "Name,E-mail\r\nAda Lovelace,ada@example.com\r\n"}},
    },
    "application/x-ndjson": {
        "schema": {"type": "string", "description": "On each line a lead as a JSON object"},
        "examples": {"one": {"value": '{"name": "Ada Lovelace", "email": "ada@example.com"}\n'}},
    },
}
LISTS_LEADS = {"listLeads", "exportLeads"}
GIVES_LEAD = {
    "createLead", "createLeadAlias", "getLead", "changeLead", "restoreLead", "upsertLead",
}  # fmt: skip
LOCATED = {
    ("createLead", "201"), ("createLeadAlias", "201"), ("upsertLead", "201"),
    ("summarizeLead", "200"), ("summarizeLead", "202"), ("requeueSummaryRun", "202"),
    ("startSync", "202"), ("retryRejects", "202"), ("summarizeLeads", "202"),
    ("importLeads", "202"),
}  # fmt: skip
LEAD_LINKS = (
    "getLead", "changeLead", "deleteLead", "restoreLead", "summarizeLead", "listSummaryRuns",
    "readTimeline", "addActivity", "listActivities",
)  # fmt: skip


def complete(document: dict[str, Any], sources: Sequence[str]) -> dict[str, Any]:
    """The document made true, in place; `sources` are the lead sources that are configured."""
    for operation in operations(document):
        _drop_framework_errors(operation)
        for parameter in operation.get("parameters", []):
            _drop_null(parameter)
            if operation["operationId"] in LISTS_LEADS and parameter["name"] in QUERY_RULES:
                _restrict(parameter["schema"], QUERY_RULES[parameter["name"]])
            if (operation["operationId"], parameter["name"]) == ("startSync", "source"):
                parameter["schema"]["enum"] = list(sources)
        for status, response in operation["responses"].items():
            if "text/event-stream" in response.get("content", {}):
                response["content"]["text/event-stream"]["schema"] = RUN_EVENT
            for name in _headers(operation["operationId"], status, operation):
                response.setdefault("headers", {})[name] = _reference("headers", name)
        if operation["operationId"] == "exportLeads":
            _export(operation)
        if operation["operationId"] == "importLeads":
            _import(operation)
        show_problems(operation)
        _link(operation)
    _bodies(document)
    document["components"]["headers"] = dict(HEADERS)
    return document


def operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _drop_framework_errors(operation: dict[str, Any]) -> None:
    """Drop the error shape that Litestar documents by itself and that is never answered."""
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if int(status) >= 400 and len(content) > 1:
            content.pop("application/json", None)


def _drop_null(parameter: dict[str, Any]) -> None:
    """A parameter is left out or it is text; there is no null in a query or a header."""
    schema = parameter["schema"]
    kinds = [kind for kind in schema.pop("oneOf", []) if kind["type"] != "null"]
    schema |= {key: value for kind in kinds for key, value in kind.items()}


def _headers(operation_id: str, status: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield "x-request-id"
    yield from OF_STATUS.get(status, [])
    if operation_id in GIVES_LEAD and status in {"200", "201", "304"}:
        yield "etag"
    if (operation_id, status) in {("exportLeads", "200"), ("downloadRejects", "200")}:
        yield "content-disposition"
    if (operation_id, status) in LOCATED:
        yield "location"
    if status == "503" and operation_id != "ready":
        yield "retry-after"
    if status.startswith("2") and any(
        parameter["name"] == "idempotency-key" for parameter in operation.get("parameters", [])
    ):
        yield "idempotency-replayed"


def _link(operation: dict[str, Any]) -> None:
    responses, operation_id = operation["responses"], operation["operationId"]
    if operation_id in {"createLead", "upsertLead"}:
        responses["201"]["links"] = {
            to: {"operationId": to, "parameters": {"lead_id": "$response.body#/id"}}
            for to in LEAD_LINKS
        }
    if operation_id == "summarizeLeads":
        responses["202"]["links"] = {
            "getBulkSummary": {
                "operationId": "getBulkSummary",
                "parameters": {"bulk_id": "$response.body#/id"},
            }
        }
    if operation_id == "summarizeLead":
        ids = {name: f"$response.body#/{name}" for name in ("lead_id", "run_id")}
        responses["202"]["links"] = {
            to: {"operationId": to, "parameters": ids}
            for to in ("getSummaryRun", "requeueSummaryRun", "followSummaryRun", "diffSummaryRun")
        }
    if operation_id in {"startSync", "retryRejects", "importLeads"}:
        responses["202"]["links"] = {
            to: {"operationId": to, "parameters": {"run_id": "$response.body#/id"}}
            for to in ("getSyncRun", "listRejects", "downloadRejects", "retryRejects")
        }


def _export(operation: dict[str, Any]) -> None:
    """It has one order only, and two formats."""
    operation["responses"]["200"]["content"]["application/x-ndjson"] = NDJSON
    (sort,) = (each for each in operation["parameters"] if each["name"] == "sort")
    sort["description"] = "The only order there is"
    sort["schema"] |= {"enum": [LeadSort.NEWEST.value], "description": sort["description"]}


def _import(operation: dict[str, Any]) -> None:
    """Its body is no parameter of the handler, which takes it as it comes."""
    operation["requestBody"] = {"required": True, "content": FILES}
    (source,) = (each for each in operation["parameters"] if each["name"] == "source")
    _restrict(source["schema"], QUERY_RULES["source"])


def _bodies(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in STRICT:
        rules = QUERY_RULES if name == "WantedLeads" else RULES
        schemas[name]["additionalProperties"] = False
        for member, schema in schemas[name]["properties"].items():
            if member in rules:
                _restrict(schema, rules[member], may_be_null=_may_be_null(schema))
        if "email" in schemas[name]["properties"]:
            schemas[name]["properties"]["email"]["format"] = "email"
    # a row that is broken is told so in the answer, and does not break the request
    schemas["NewBatch"]["properties"]["leads"]["items"] = {"anyOf": [
        _reference("schemas", "NewLead"), {},
    ]}  # fmt: skip
    content = document["paths"]["/leads/{lead_id}"]["patch"]["requestBody"]["content"]
    content["application/merge-patch+json"] = content["application/json"]


def _restrict(schema: dict[str, Any], rule: TextRule, *, may_be_null: bool = False) -> None:
    """What may be null may be blank, which is the same."""
    text = LINES if rule.multiline else LINE
    schema["pattern"] = f"^{text}$" if may_be_null else f"^{text}{SEEN}{text}$"
    if not may_be_null:
        schema["minLength"] = 1


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    return {"type": "null"} in schema.get("oneOf", [])


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
