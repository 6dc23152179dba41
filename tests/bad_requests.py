"""Requests that must be refused, and how: one table for every database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

JSON = {"content-type": "application/json"}
GOOD = {"name": "Grace Hopper", "email": "grace@example.com"}
TELLING = {**GOOD, "company": "Navy"}
"""Enough to ask a model about; of a name and an address alone nobody is asked."""
NOBODY = "019abcde-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class BadRequest:
    """`pointers` are those of the errors, all, in any order; `{lead}` is one that is there."""

    name: str
    status: int
    type: str
    method: str = "POST"
    path: str = "/leads"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    pointers: tuple[str, ...] = ()


def bad_lead(case: str, /, *pointers: str, **but: object) -> BadRequest:
    """A lead that is good but for these fields; a field set to `...` is left out."""
    fields = {key: value for key, value in {**GOOD, **but}.items() if value is not ...}
    body = json.dumps(fields).encode()
    return BadRequest(case, 422, "/problems/invalid-lead", body=body, pointers=pointers)


def unparsable(name: str, body: bytes, type: str = "bad-request") -> BadRequest:
    return BadRequest(name, 400, f"/problems/{type}", body=body)


def bad_query(name: str, path: str) -> BadRequest:
    return BadRequest(name, 400, "/problems/bad-request", "GET", path)


def absent(name: str, path: str, type: str = "not-found", method: str = "GET") -> BadRequest:
    return BadRequest(name, 404, f"/problems/{type}", method, path)


BAD_REQUESTS = [
    unparsable("no body", b""),
    unparsable("truncated JSON", b'{"name": "Ada"'),
    unparsable("not JSON at all", b"name=Ada"),
    unparsable("trailing comma", b'{"name": "Ada",}'),
    unparsable("NaN", b'{"name": NaN}'),
    unparsable("two documents", b"{} {}"),
    unparsable("a lone surrogate", b'{"name": "\\ud800", "email": "grace@example.com"}'),
    unparsable("invalid UTF-8", b'{"name": "\xff"}', "not-utf8"),
    unparsable("UTF-16", '{"name": "Ada"}'.encode("utf-16"), "not-utf8"),
    unparsable("nested 33 deep", b'{"name": ' + b"[" * 32 + b"]" * 32 + b"}", "too-deep"),
    unparsable("nested 100,000 deep", b"[" * 30_000 + b"]" * 30_000, "too-deep"),
    BadRequest("an array", 422, "/problems/invalid-lead", body=b"[]", pointers=("",)),
    BadRequest("a string", 422, "/problems/invalid-lead", body=b'"Ada"', pointers=("",)),
    BadRequest("null", 422, "/problems/invalid-lead", body=b"null", pointers=("",)),
    bad_lead("nothing given", "/name", "/email", name=..., email=...),
    bad_lead("no name", "/name", name=...),
    bad_lead("no e-mail", "/email", email=...),
    bad_lead("empty name", "/name", name=""),
    bad_lead("blank name", "/name", name=" \u00a0\u2003"),
    bad_lead("invisible name", "/name", name="\u200b\u200d"),
    bad_lead("null name", "/name", name=None),
    bad_lead("a number for a name", "/name", name=5),
    bad_lead("a list for a name", "/name", name=["Ada"]),
    bad_lead("a name of 201 characters", "/name", name="x" * 201),
    bad_lead("a name with a NUL", "/name", name="Ada\x00"),
    bad_lead("a name with a line break", "/name", name="Ada\nLovelace"),
    bad_lead("a name with an escape", "/name", name="\x1b[31mAda"),
    bad_lead("empty e-mail", "/email", email=""),
    bad_lead("no at sign", "/email", email="grace.example.com"),
    bad_lead("two at signs", "/email", email="grace@@example.com"),
    bad_lead("no domain", "/email", email="grace@"),
    bad_lead("no dot in the domain", "/email", email="grace@localhost"),
    bad_lead("a blank in the e-mail", "/email", email="grace hopper@example.com"),
    bad_lead("a display name", "/email", email="Grace <grace@example.com>"),
    bad_lead("an e-mail of 300 characters", "/email", email="g" * 300 + "@example.com"),
    bad_lead("a local part of 65 characters", "/email", email="g" * 65 + "@example.com"),
    bad_lead("a number for an e-mail", "/email", email=1.5),
    bad_lead("a phone of 51 characters", "/phone", phone="1" * 51),
    bad_lead("a number for a phone", "/phone", phone=4912345),
    bad_lead("a company of 201 characters", "/company", company="x" * 201),
    bad_lead("an object for a company", "/company", company={"name": "ACME"}),
    bad_lead("a title with a tab", "/job_title", job_title="a\tb"),
    bad_lead("notes of 10,001 characters", "/notes", notes="x" * 10_001),
    bad_lead("notes with a NUL", "/notes", notes="a\x00b"),
    bad_lead("true for notes", "/notes", notes=True),
    bad_lead("an unknown status", "/status", status="won"),
    bad_lead("a status in capitals", "/status", status="NEW"),
    bad_lead("a number for a status", "/status", status=1),
    bad_lead("a source of 51 characters", "/source", source="x" * 51),
    bad_lead("an external id of 201 characters", "/external_id", external_id="x" * 201),
    bad_lead("an unknown field", "/colour", colour="red"),
    bad_lead("an unknown field of odd signs", "/a~1b~0c", **{"a/b~c": 1}),
    bad_lead("an id of one's own", "/id", id=NOBODY),
    bad_lead("a summary of one's own", "/summary", summary="A great lead."),
    bad_lead("a version of one's own", "/version", version=7),
    bad_lead("a status of the summary", "/summary_status", summary_status="ready"),
    bad_lead(
        "four errors at once", "/name", "/email", "/status", "/colour",
        name="", email="nobody", status="won", colour="red",
    ),
    BadRequest(
        "a form", 415, "/problems/not-json", body=b"name=Ada",
        headers={"content-type": "application/x-www-form-urlencoded"},
    ),
    BadRequest(
        "plain text", 415, "/problems/not-json", body=b"{}", headers={"content-type": "text/plain"}
    ),
    BadRequest("no content type", 415, "/problems/not-json", body=b"{}", headers={}),
    BadRequest("70 kB", 413, "/problems/body-too-large", body=b'"' + b"x" * 70_000 + b'"'),
    bad_query("limit=0", "/leads?limit=0"),
    bad_query("limit=201", "/leads?limit=201"),
    bad_query("limit=-1", "/leads?limit=-1"),
    bad_query("limit=ten", "/leads?limit=ten"),
    bad_query("limit of 400 digits", f"/leads?limit={'9' * 400}"),
    bad_query("two limits", "/leads?limit=1&limit=2"),
    bad_query("an unknown parameter", "/leads?limits=10"),
    bad_query("a made-up cursor", "/leads?cursor=abc"),
    bad_query("an empty cursor", "/leads?cursor="),
    bad_query("a parameter where none is known", f"/leads/{NOBODY}?fields=name"),
    BadRequest("an unknown source", 400, "/problems/unknown-lead-source", path="/sync?source=x"),
    absent("no such lead", f"/leads/{NOBODY}", "lead-not-found"),
    absent("a malformed id", "/leads/17"),
    absent("an id with a quote", "/leads/1'%20or%20'1'='1"),
    absent("no lead to summarise", f"/leads/{NOBODY}/summarize", "lead-not-found", "POST"),
    absent("a malformed id to summarise", "/leads/x/summarize", method="POST"),
    absent("no lead's runs", f"/leads/{NOBODY}/summaries", "lead-not-found"),
    absent("no such run", f"/leads/{NOBODY}/summaries/{NOBODY}", "summary-run-not-found"),
    absent("a malformed run id", f"/leads/{NOBODY}/summaries/1"),
    absent(
        "no run to requeue", f"/leads/{NOBODY}/summaries/{NOBODY}/requeue",
        "summary-run-not-found", "POST",
    ),
    absent("no such sync", f"/sync/runs/{NOBODY}", "sync-run-not-found"),
    absent("no such route", "/contacts"),
    absent("no such docs page", "/docs/nothing"),
    BadRequest("a method that is not there", 405, "/problems/method-not-allowed", "PUT"),
    BadRequest(
        "no such method at all", 405, "/problems/method-not-allowed", "DELETE", "/create-lead"
    ),
]  # fmt: skip

WRONG_KEYS: list[dict[str, str]] = [
    {},
    {"x-api-key": ""},
    {"x-api-key": "crm_test_0123456789abcdeX"},
    {"x-api-key": "CRM_TEST_0123456789ABCDEF"},
    {"x-api-key": "crm_test_0123456789abcdef "[:-2]},
    {"authorization": "Bearer crm_test_0123456789abcdef"},
]
