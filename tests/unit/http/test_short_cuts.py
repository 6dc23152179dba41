"""What goes past the router is answered as the router answers it, byte for byte."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast
from urllib.parse import unquote

import httpx
import pytest

from domain.errors import DatabaseUnavailable
from domain.lead import LeadId
from entrypoints.container import System
from entrypoints.http.asgi import Message
from entrypoints.http.front import Front
from entrypoints.http.gate import Gate
from entrypoints.http.key import Key
from entrypoints.http.metrics import Metrics
from tests.bad_requests import GOOD, NOBODY
from tests.systems import KEY, a_client

Headers = Sequence[tuple[str, str]]
PLAIN = ("GET", "/leads/{lead}")
AS_JSON = [("content-type", "application/json")]


ONES_OWN = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|20[0-9-]{8}T[0-9:.]+Z|ada[0-9]")
"""Ids, times and addresses, which no two leads share."""


async def answer(
    front: Front, method: str, target: str, headers: Headers, body: bytes
) -> list[Message]:
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    path, _, query = target.encode().partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": unquote(path.decode()),
        "raw_path": path,
        "query_string": query,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        "scheme": "http",
        "server": ("crm.test", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
    }
    await front(scope, receive, send)
    for message in told:
        # the order of the methods is another one in each process
        message["headers"] = [
            (k, set(v.split(b", ")) if k == b"allow" else v) for k, v in message.get("headers", [])
        ]
    return told


def new_lead(n: int) -> bytes:
    return json.dumps({**GOOD, "email": f"ada{n}@example.com"}).encode()


def counted(metrics: Metrics) -> set[str]:
    return {f"{told} {sum(answers[:-1])}" for told, answers in metrics.answers.items()}


async def both(
    client: httpx.AsyncClient,
    method: str,
    target: str,
    headers: Headers,
    bodies: tuple[bytes, bytes] = (b'{"name": "Eve"}',) * 2,
) -> Any:
    """The same request to the front as it is, and to one that knows no short cut."""
    front = cast("Front", cast("Any", client)._transport.app)
    told = []
    for short_cuts, body in zip((front.gate.short_cuts, {}), bodies, strict=True):
        metrics = Metrics()
        one = Front(front.app, Gate(Key(KEY), short_cuts), metrics, front.draining)
        sent = [("host", "crm.test"), ("x-request-id", "r1"), *headers]
        told.append((await answer(one, method, target, sent, body), counted(metrics)))
    return told


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        (*PLAIN, []),
        (*PLAIN, [("accept", "text/html")]),
        (*PLAIN, [("content-type", "application/json"), ("content-length", "15")]),
        (*PLAIN, [("cookie", "a=1"), ("cookie", "b=2")]),
        (*PLAIN, [("x-request-id", "r2")]),
        *(
            (*PLAIN, [("if-none-match", tag)])
            for tag in (
                '"1"',
                'W/"1"',
                '"2"',
                '"7", "1"',
                ' ,"1",',
                "*",
                '"1", *',
                "1",
                "",
                '"',
                "\xff",
                '"\xff"',
                '"0"',
                '"01"',
            )
        ),
        (*PLAIN, [("if-none-match", '"2"'), ("if-none-match", '"1"')]),
        (*PLAIN, [("if-none-match", "*"), ("if-none-match", '"1"')]),
        (*PLAIN, [("if-match", '"9"')]),
        (*PLAIN, [("x-api-key", KEY)]),
        ("GET", "/leads/{lead}?", []),
        ("GET", "/leads/{lead}?x=1", []),
        ("GET", "/leads/{lead}?%", []),
        ("GET", "/leads/{lead}/", []),
        ("GET", "//leads/{lead}", []),
        ("GET", "/leads//{lead}", []),
        ("GET", "/%6Ceads/{lead}", []),
        ("GET", "/leads%2F{lead}", []),
        ("GET", "/leads/{LEAD}", []),
        ("GET", "/leads/{bare}", []),
        ("GET", "/leads/{{{lead}}}", []),
        ("GET", "/leads/urn:uuid:{lead}", []),
        ("GET", "/leads/{bare}----", []),
        ("GET", "/leads/{lead}%0a", []),
        ("GET", "/LEADS/{lead}", []),
        ("GET", f"/leads/{NOBODY}", []),
        ("GET", f"/leads/{NOBODY}", [("if-none-match", "*")]),
        ("GET", f"/leads/{'z' * 36}", []),
        ("GET", f"/leads/{'0' * 36}", []),
        ("GET", "/leads/00000000-0000-0000-0000-000000000000", []),
        ("GET", f"/{'a' * 42}", []),
        *((method, "/leads/{lead}", []) for method in ("HEAD", "OPTIONS", "PUT", "get", "FROB")),
    ],
    ids=str,
)
async def test_no_client_can_tell_a_short_cut_from_the_router(
    client: httpx.AsyncClient, method: str, target: str, headers: Headers
) -> None:
    lead = (await client.post("/leads", json=GOOD)).json()["id"]
    names = {"lead": lead, "LEAD": lead.upper(), "bare": lead.replace("-", "")}

    short, long = await both(client, method, target.format(**names), [("x-api-key", KEY), *headers])

    assert short == long


@pytest.mark.parametrize("headers", [[], [("x-api-key", "no")], [("cookie", "a" * 33_000)]])
async def test_no_short_cut_leads_past_the_key_or_the_bounds(
    client: httpx.AsyncClient, headers: Headers
) -> None:
    lead = (await client.post("/leads", json=GOOD)).json()["id"]

    short, long = await both(client, "GET", f"/leads/{lead}", headers)

    assert short == long
    assert short[0][0]["status"] in {401, 431}


@pytest.mark.parametrize("error", [DatabaseUnavailable("away"), RuntimeError("secret")], ids=repr)
async def test_a_short_cut_breaks_as_the_router_does(system: System, error: Exception) -> None:
    async def broken(_: LeadId) -> None:
        raise error

    crm = replace(system.crm, get_lead=broken)  # type: ignore[arg-type]
    async with a_client(replace(system, crm=crm)) as client:
        short, long = await both(client, "GET", f"/leads/{NOBODY}", [("x-api-key", KEY)])

    assert short == long
    assert short[0][0]["status"] in {500, 503}


@pytest.mark.parametrize(
    "query",
    [
        "", "?", "?limit=2", "?limit=3", "?limit=200", "?limit=0", "?limit=201", "?limit=999",
        "?limit=02", "?limit=2.5", "?limit=", "?limit=2&limit=3", "?limit=2&", "?limit=%32",
        "?cursor={cursor}", "?limit=2&cursor={cursor}", "?cursor={cursor}&limit=2",
        "?limit=2cursor={cursor}", "?&cursor={cursor}", "?cursor=x", "?cursor=", "?cursor=..",
        "?limit=2&cursor={cursor}x", "?limt=5", "?status=new", "?sort=name", "?limit=2&q=ada",
        "/", "?cursor={cursor}&cursor={cursor}",
    ],
)  # fmt: skip
async def test_a_list_is_the_same_by_a_short_cut(client: httpx.AsyncClient, query: str) -> None:
    for n in range(3):
        await client.post("/leads", content=new_lead(n), headers=dict(AS_JSON))
    cursor = (await client.get("/leads?limit=1")).json()["next_cursor"]

    target = "/leads" + query.format(cursor=cursor)
    short, long = await both(client, "GET", target, [("x-api-key", KEY)])

    assert short == long


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (AS_JSON, GOOD),
        (AS_JSON, {**GOOD, "status": "contacted", "phone": " +1 555 0100", "notes": "a\nb"}),
        ([("content-type", "application/json; charset=UTF-8")], GOOD),
        ([*AS_JSON, ("idempotency-key", "no key")], GOOD),
        ([*AS_JSON, *AS_JSON], GOOD),
        (AS_JSON, {}),
        (AS_JSON, {**GOOD, "email": "nobody", "colour": 1.5, "name": None, "notes": "\0"}),
        (AS_JSON, {**GOOD, "phone": 10**30}),
        (AS_JSON, []),
        (AS_JSON, None),
        (AS_JSON, "x"),
        ([], GOOD),
    ],
    ids=str,
)
@pytest.mark.parametrize("target", ["/leads", "/leads?x=1", "/leadz"])
async def test_a_lead_is_taken_in_alike(
    client: httpx.AsyncClient, target: str, headers: Headers, body: object
) -> None:
    text = json.dumps(body)
    bodies = (
        text.replace(GOOD["email"], "ada1@example.com").encode(),
        text.replace(GOOD["email"], "ada2@example.com").encode(),
    )

    told = await both(client, "POST", target, [("x-api-key", KEY), *headers], bodies)

    short, long = (ONES_OWN.sub(b"", repr(one).encode()) for one in told)
    assert short == long


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b" ", b'{"name": "\\ud800"}', b"NaN"])
async def test_what_is_no_lead_is_refused_alike(client: httpx.AsyncClient, body: bytes) -> None:
    short, long = await both(client, "POST", "/leads", [("x-api-key", KEY), *AS_JSON], (body, body))

    assert short == long


async def test_an_address_that_is_taken_is_refused_alike(client: httpx.AsyncClient) -> None:
    await client.post("/leads", content=new_lead(1), headers=dict(AS_JSON))

    short, long = await both(
        client, "POST", "/leads", [("x-api-key", KEY), *AS_JSON], (new_lead(1),) * 2
    )

    assert short == long
    assert short[0][0]["status"] == 409


@pytest.mark.parametrize(
    ("lead", "suffix", "body", "headers"),
    [
        *(("{lead}", suffix, b"", []) for suffix in ("", "?", "?force=true", "?force=no", "?x=1")),
        *((lead, "", b"", []) for lead in (NOBODY, NOBODY.upper(), "x" * 36)),
        *(("{lead}", "", body, AS_JSON) for body in (b"{}", b"[", b"17")),
        ("{lead}", "/", b"", []),
        ("{lead}", "", b"", [("idempotency-key", "no key")]),
        ("{lead}", "", b"", [("accept", "a/b"), ("accept", "c/d")]),
    ],
)
async def test_a_summary_is_asked_for_alike(
    client: httpx.AsyncClient, lead: str, suffix: str, body: bytes, headers: Headers
) -> None:
    known = (await client.post("/leads", json=GOOD)).json()["id"]
    await client.post(f"/leads/{known}/summarize")

    target = f"/leads/{lead.format(lead=known)}/summarize{suffix}"
    told = await both(client, "POST", target, [("x-api-key", KEY), *headers], (body, body))

    short, long = (ONES_OWN.sub(b"", repr(one).encode()) for one in told)
    assert short == long


async def test_the_router_is_spared(client: httpx.AsyncClient) -> None:
    front = cast("Front", cast("Any", client)._transport.app)

    async def unreachable(*_: object) -> None:
        raise AssertionError

    lead = (await client.post("/leads", json=GOOD)).json()["id"]
    alone = Front(unreachable, front.gate, Metrics(), front.draining)
    keyed = [("x-api-key", KEY)]
    told = [
        await answer(alone, "GET", f"/leads/{lead}", keyed, b""),
        await answer(alone, "GET", "/leads?limit=1", keyed, b""),
        await answer(alone, "POST", f"/leads/{lead}/summarize", keyed, b""),
        await answer(alone, "POST", "/leads", [*keyed, *AS_JSON], new_lead(1)),
    ]

    assert [messages[0]["status"] for messages in told] == [200, 200, 202, 201]
