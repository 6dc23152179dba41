"""Requests that must be refused, and how: one table for every database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

JSON = {"content-type": "application/json"}
GOOD = {"name": "Grace Hopper", "email": "grace@example.com"}
NOBODY = "019abcde-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class BadRequest:
    """`pointers` are those of the errors, all of them, in any order."""

    name: str
    status: int
    type: str
    method: str = "POST"
    path: str = "/leads"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    pointers: tuple[str, ...] = ()


def _lead(case: str, /, *pointers: str, **but: object) -> BadRequest:
    """A lead that is good but for these fields; a field set to `...` is left out."""
    fields = {key: value for key, value in {**GOOD, **but}.items() if value is not ...}
    body = json.dumps(fields).encode()
    return BadRequest(case, 422, "/problems/invalid-lead", body=body, pointers=pointers)


def _unparsable(name: str, body: bytes, type: str = "bad-request") -> BadRequest:
    return BadRequest(name, 400, f"/problems/{type}", body=body)


def _query(name: str, path: str) -> BadRequest:
    return BadRequest(name, 400, "/problems/bad-request", "GET", path)


def _absent(name: str, path: str, type: str = "not-found", method: str = "GET") -> BadRequest:
    return BadRequest(name, 404, f"/problems/{type}", method, path)


BAD_REQUESTS = [
    _unparsable("no body", b""),
    _unparsable("truncated JSON", b'{"name": "Ada"'),
    _unparsable("not JSON at all", b"name=Ada"),
    _unparsable("trailing comma", b'{"name": "Ada",}'),
    _unparsable("NaN", b'{"name": NaN}'),
    _unparsable("two documents", b"{} {}"),
    _unparsable("a lone surrogate", b'{"name": "\\ud800", "email": "grace@example.com"}'),
    _unparsable("invalid UTF-8", b'{"name": "\xff"}', "not-utf8"),
    _unparsable("UTF-16", '{"name": "Ada"}'.encode("utf-16"), "not-utf8"),
    _unparsable("nested 33 deep", b'{"name": ' + b"[" * 32 + b"]" * 32 + b"}", "too-deep"),
    _unparsable("nested 100,000 deep", b"[" * 30_000 + b"]" * 30_000, "too-deep"),
    BadRequest("an array", 422, "/problems/invalid-lead", body=b"[]", pointers=("",)),
    BadRequest("a string", 422, "/problems/invalid-lead", body=b'"Ada"', pointers=("",)),
    BadRequest("null", 422, "/problems/invalid-lead", body=b"null", pointers=("",)),
    _lead("nothing given", "/name", "/email", name=..., email=...),
    _lead("no name", "/name", name=...),
    _lead("no e-mail", "/email", email=...),
    _lead("empty name", "/name", name=""),
    _lead("blank name", "/name", name=" \u00a0\u2003"),
    _lead("invisible name", "/name", name="\u200b\u200d"),
    _lead("null name", "/name", name=None),
    _lead("a number for a name", "/name", name=5),
    _lead("a list for a name", "/name", name=["Ada"]),
    _lead("a name of 201 characters", "/name", name="x" * 201),
    _lead("a name with a NUL", "/name", name="Ada\x00"),
    _lead("a name with a line break", "/name", name="Ada\nLovelace"),
    _lead("a name with an escape", "/name", name="\x1b[31mAda"),
    _lead("empty e-mail", "/email", email=""),
    _lead("no at sign", "/email", email="grace.example.com"),
    _lead("two at signs", "/email", email="grace@@example.com"),
    _lead("no domain", "/email", email="grace@"),
    _lead("no dot in the domain", "/email", email="grace@localhost"),
    _lead("a blank in the e-mail", "/email", email="grace hopper@example.com"),
    _lead("a display name", "/email", email="Grace <grace@example.com>"),
    _lead("an e-mail of 300 characters", "/email", email="g" * 300 + "@example.com"),
    _lead("a local part of 65 characters", "/email", email="g" * 65 + "@example.com"),
    _lead("a number for an e-mail", "/email", email=1.5),
    _lead("a phone of 51 characters", "/phone", phone="1" * 51),
    _lead("a number for a phone", "/phone", phone=4912345),
    _lead("a company of 201 characters", "/company", company="x" * 201),
    _lead("an object for a company", "/company", company={"name": "ACME"}),
    _lead("a title with a tab", "/job_title", job_title="a\tb"),
    _lead("notes of 10,001 characters", "/notes", notes="x" * 10_001),
    _lead("notes with a NUL", "/notes", notes="a\x00b"),
    _lead("true for notes", "/notes", notes=True),
    _lead("an unknown status", "/status", status="won"),
    _lead("a status in capitals", "/status", status="NEW"),
    _lead("a number for a status", "/status", status=1),
    _lead("a source of 51 characters", "/source", source="x" * 51),
    _lead("an external id of 201 characters", "/external_id", external_id="x" * 201),
    _lead("an unknown field", "/colour", colour="red"),
    _lead("an unknown field of odd signs", "/a~1b~0c", **{"a/b~c": 1}),
    _lead("an id of one's own", "/id", id=NOBODY),
    _lead("a summary of one's own", "/summary", summary="A great lead."),
    _lead("a version of one's own", "/version", version=7),
    _lead("a status of the summary", "/summary_status", summary_status="ready"),
    _lead(
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
    _query("limit=0", "/leads?limit=0"),
    _query("limit=201", "/leads?limit=201"),
    _query("limit=-1", "/leads?limit=-1"),
    _query("limit=ten", "/leads?limit=ten"),
    _query("limit of 400 digits", f"/leads?limit={'9' * 400}"),
    _query("two limits", "/leads?limit=1&limit=2"),
    _query("an unknown parameter", "/leads?limits=10"),
    _query("a made-up cursor", "/leads?cursor=abc"),
    _query("an empty cursor", "/leads?cursor="),
    _query("a parameter where none is known", f"/leads/{NOBODY}?fields=name"),
    BadRequest("an unknown source", 400, "/problems/unknown-lead-source", path="/sync?source=x"),
    _absent("no such lead", f"/leads/{NOBODY}", "lead-not-found"),
    _absent("a malformed id", "/leads/17"),
    _absent("an id with a quote", "/leads/1'%20or%20'1'='1"),
    _absent("no lead to summarise", f"/leads/{NOBODY}/summarize", "lead-not-found", "POST"),
    _absent("a malformed id to summarise", "/leads/x/summarize", method="POST"),
    _absent("no lead's runs", f"/leads/{NOBODY}/summaries", "lead-not-found"),
    _absent("no such run", f"/leads/{NOBODY}/summaries/{NOBODY}", "summary-run-not-found"),
    _absent("a malformed run id", f"/leads/{NOBODY}/summaries/1"),
    _absent(
        "no run to requeue", f"/leads/{NOBODY}/summaries/{NOBODY}/requeue",
        "summary-run-not-found", "POST",
    ),
    _absent("no such sync", f"/sync/runs/{NOBODY}", "sync-run-not-found"),
    _absent("no such route", "/contacts"),
    _absent("no such docs page", "/docs/nothing"),
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
