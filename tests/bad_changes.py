"""Requests about one lead that must be refused: changes, deletion, its activities and timeline."""

import json
from datetime import UTC, datetime, timedelta

from tests.bad_requests import JSON, NOBODY, BadRequest, absent, bad_query

LEAD = "/leads/{lead}"
NOTE = {"type": "note", "text": "Called back."}


def _change(case: str, /, *pointers: str, **changes: object) -> BadRequest:
    body, kind = json.dumps(changes).encode(), "/problems/invalid-lead"
    return BadRequest(case, 422, kind, "PATCH", LEAD, body, pointers=pointers)


def _activity(case: str, /, *pointers: str, **but: object) -> BadRequest:
    """An activity that is good but for these fields; a field set to `...` is left out."""
    fields = {key: value for key, value in {**NOTE, **but}.items() if value is not ...}
    body, path = json.dumps(fields).encode(), f"{LEAD}/activities"
    return BadRequest(case, 422, "/problems/invalid-activity", "POST", path, body, JSON, pointers)


def _stale(name: str, tag: str, method: str = "PATCH") -> BadRequest:
    headers, kind = {**JSON, "if-match": tag}, "/problems/lead-version-mismatch"
    return BadRequest(name, 412, kind, method, LEAD, b'{"name": "Ada"}', headers)


def _wrong_tag(name: str, header: str, tag: str, method: str) -> BadRequest:
    body = b'{"name": "Ada"}' if method == "PATCH" else b""
    return BadRequest(name, 400, "/problems/bad-request", method, LEAD, body, {**JSON, header: tag})


def _message(name: str, status: int, type: str, body: bytes, at: str, *pointers: str) -> BadRequest:
    method, path = ("PATCH", LEAD) if at == "change" else ("POST", f"{LEAD}/{at}")
    return BadRequest(name, status, f"/problems/{type}", method, path, body, JSON, pointers)


def _nobody(name: str, method: str, under: str = "", body: bytes = b"") -> BadRequest:
    return BadRequest(
        name, 404, "/problems/lead-not-found", method, f"/leads/{NOBODY}{under}", body
    )


BAD_CHANGES = [
    _change("a change to no name", "/name", name=None),
    _change("a change to an empty name", "/name", name=""),
    _change("a change to a blank name", "/name", name=" \u2003"),
    _change("a change to no e-mail", "/email", email=None),
    _change("a change to no address", "/email", email="nobody"),
    _change("a change to a number", "/phone", phone=5),
    _change("a change to a long company", "/company", company="x" * 201),
    _change("a change to a NUL", "/notes", notes="a\x00"),
    _change("a change to an unknown status", "/status", status="won"),
    _change("a change of an unknown field", "/colour", colour="red"),
    _change("a change of a field with a slash", "/a~1b~0c", **{"a/b~c": 1}),
    _change("a change of a field without a name", "/", **{"": 1}),
    _change("a change of the id", "/id", id=NOBODY),
    _change("a change of the version", "/version", version=9),
    _change("a change of the summary", "/summary", summary="A great lead."),
    _change("a change of the deletion", "/deleted_at", deleted_at=None),
    _change(
        "four wrong changes at once", "/name", "/email", "/status", "/id",
        name=" ", email="nobody", status="won", id=NOBODY,
    ),
    _message("a change that is a list", 422, "invalid-lead", b"[]", "change", ""),
    _message("a change without a body", 400, "bad-request", b"", "change"),
    _message("a change cut short", 400, "bad-request", b'{"name":', "change"),
    _message("a change that is not UTF-8", 400, "not-utf8", b'{"name": "\xff"}', "change"),
    _message("a change with a key twice", 400, "duplicate-key",
             b'{"name": "A", "name": "B"}', "change", "/name"),
    _message("a change of 70 kB", 413, "body-too-large", b'"' + b"x" * 70_000 + b'"', "change"),
    BadRequest("a change as a form", 415, "/problems/not-json", "PATCH", LEAD, b"name=Ada",
               {"content-type": "application/x-www-form-urlencoded"}),
    _stale("a change of a version that is not there yet", '"9"'),
    _stale("a change by a weak tag", 'W/"1"'),
    _stale("a change by a tag of somebody else's", '"abc"'),
    _stale("a change by a huge version", f'"{"9" * 5_000}"'),
    _stale("a deletion of another version", '"9"', "DELETE"),
    _wrong_tag("a change by a tag without quotes", "if-match", "1", "PATCH"),
    _wrong_tag("a change by half a tag", "if-match", '"1', "PATCH"),
    _wrong_tag("a deletion by a tag without quotes", "if-match", "1", "DELETE"),
    _wrong_tag("a read by a tag without quotes", "if-none-match", "1", "GET"),
    _nobody("a change of nobody", "PATCH", body=b'{"name": "Ada"}'),
    _nobody("a deletion of nobody", "DELETE"),
    _nobody("a restoration of nobody", "POST", "/restore"),
    _nobody("an activity of nobody", "POST", "/activities", json.dumps(NOTE).encode()),
    _nobody("nobody's activities", "GET", "/activities"),
    _nobody("nobody's timeline", "GET", "/timeline"),
    absent("a change of a malformed id", "/leads/17", method="PATCH"),
    absent("a deletion of a malformed id", "/leads/17", method="DELETE"),
    absent("a restoration of a malformed id", "/leads/17/restore", method="POST"),
    absent("an activity of a malformed id", "/leads/17/activities", method="POST"),
    absent("a malformed id's timeline", "/leads/17/timeline"),
    absent("an id with a letter too many", f"/leads/{NOBODY}0"),
    absent("no such thing of a lead", f"{LEAD}/friends"),
    absent("no such run of a lead", f"{LEAD}/summaries/{NOBODY}", "summary-run-not-found"),
    absent("no run to requeue of a lead", f"{LEAD}/summaries/{NOBODY}/requeue",
           "summary-run-not-found", "POST"),
    absent("a malformed run to requeue", f"{LEAD}/summaries/17/requeue", method="POST"),
    absent("a malformed sync", "/sync/runs/17"),
    absent("no such problem", "/problems/nothing"),
    _activity("an activity without anything", "/type", "/text", type=..., text=...),
    _activity("an unknown kind of activity", "/type", type="fax"),
    _activity("a number for a kind of activity", "/type", type=1),
    _activity("an activity without a text", "/text", text=...),
    _activity("a blank activity", "/text", text=" \n "),
    _activity("an activity of 10,001 characters", "/text", text="x" * 10_001),
    _activity("an activity with a NUL", "/text", text="a\x00"),
    _activity("an activity with a number for a text", "/text", text=5),
    _activity("an activity at no time", "/occurred_at", occurred_at="yesterday"),
    _activity("an activity at a number", "/occurred_at", occurred_at=1700000000),
    _activity("an activity without an offset", "/occurred_at", occurred_at="2026-01-01T10:00:00"),
    _activity("an activity on the 30th of February", "/occurred_at",
              occurred_at="2026-02-30T10:00:00Z"),
    _activity("an activity in the future", "/occurred_at",
              occurred_at=(datetime.now(UTC) + timedelta(days=3)).isoformat()),
    _activity("an activity with an id of its own", "/id", id=NOBODY),
    _activity("an activity by somebody else", "/by", by="Eve"),
    _activity("three wrong things in an activity", "/type", "/text", "/colour",
              type="fax", text="", colour="red"),
    _message("an activity with a key twice", 400, "duplicate-key",
             b'{"type": "note", "text": "a", "text": "b"}', "activities", "/text"),
    _message("an activity without a body", 400, "bad-request", b"", "activities"),
    _message("a restoration with half a body", 400, "bad-request", b"{", "restore"),
    BadRequest("a restoration as a form", 415, "/problems/not-json", "POST", f"{LEAD}/restore",
               b"a=b", {"content-type": "application/x-www-form-urlencoded"}),
    BadRequest("a summary as a form", 415, "/problems/not-json", "POST", f"{LEAD}/summarize",
               b"a=b", {"content-type": "application/x-www-form-urlencoded"}),
    bad_query("a page of no activities", f"{LEAD}/activities?limit=0"),
    bad_query("a made-up cursor of activities", f"{LEAD}/activities?cursor=abc"),
    bad_query("a page of 201 events", f"{LEAD}/timeline?limit=201"),
    bad_query("a made-up cursor of a timeline", f"{LEAD}/timeline?cursor=abc"),
    bad_query("an unknown parameter of a timeline", f"{LEAD}/timeline?since=1"),
    bad_query("an unknown parameter of a lead", f"{LEAD}?fields=name"),
    BadRequest("a change of a timeline", 405, "/problems/method-not-allowed", "POST",
               f"{LEAD}/timeline"),
    BadRequest("a deletion of all leads", 405, "/problems/method-not-allowed", "DELETE"),
    BadRequest("a whole new lead in its place", 405, "/problems/method-not-allowed", "PUT", LEAD),
    BadRequest("an address that another has", 409, "/problems/duplicate-lead", "POST", "/leads",
               b'{"name": "Eve", "email": "TAKEN@example.com"}'),
]  # fmt: skip
