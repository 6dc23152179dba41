"""Writes and lists past the router are answered as the router answers them, byte for byte."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import httpx
import pytest

from domain.errors import DatabaseUnavailable
from entrypoints.container import System
from entrypoints.http.front import Front
from entrypoints.http.gate import Gate
from entrypoints.http.key import Key
from entrypoints.http.metrics import Metrics
from tests.bad_requests import GOOD, NOBODY
from tests.systems import KEY, a_client
from tests.unit.http.test_short_cuts import answer, counted

Headers = Sequence[tuple[str, str]]
JSON = [("content-type", "application/json")]
# what differs between two leads that were made alike
_OWN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z", re.IGNORECASE
)


async def both(
    client: httpx.AsyncClient, method: str, targets: Sequence[str], headers: Headers, *bodies: bytes
) -> Any:
    """A request to the front as it is, and another to one that knows no short cut."""
    front = cast("Front", cast("Any", client)._transport.app)
    told = []
    ways: Sequence[tuple[Any, str, bytes]] = (
        (front.gate.short_cuts, targets[0], bodies[0]),
        ({}, targets[-1], bodies[-1]),
    )
    for n, (short_cuts, target, body) in enumerate(ways):
        metrics = Metrics()
        one = Front(front.app, Gate(Key(KEY), short_cuts), metrics, front.draining)
        sent = [("host", "crm.test"), ("x-request-id", "r1"), ("x-api-key", KEY)]
        sent += [(name, value.format(n=n)) for name, value in headers]
        said = await answer(one, method, target, sent, body)
        told.append((_OWN.sub("…", str(said)), counted(metrics)))
    return told


def body_of(**but: object) -> bytes:
    return json.dumps({**GOOD, **but}).encode()


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/leads", JSON),
        ("/leads", [("content-type", "application/json; charset=utf-8")]),
        ("/leads", [*JSON, ("idempotency-key", "k{n}")]),
        ("/leads", [*JSON, ("accept", "text/html")]),
        ("/leads", [("content-type", "text/plain")]),
        ("/leads", [*JSON, *JSON]),
        ("/leads", []),
        ("/leads?", JSON),
        ("/leads?force=true", JSON),
        ("/leads/", JSON),
        ("/%6Ceads", JSON),
        ("/create-lead", JSON),
        ("/leadz", JSON),
    ],
    ids=str,
)
async def test_a_lead_is_created_as_by_the_router(
    client: httpx.AsyncClient, target: str, headers: Headers
) -> None:
    bodies = [body_of(email=f"a{n}@example.com", company="Caf\u00e9") for n in (1, 2)]

    short, long = await both(client, "POST", [target], headers, *bodies)

    assert short[0].replace("a1@", "a2@") == long[0]
    assert short[1] == long[1]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"1",
        b'"a"',
        b"{}",
        b"{",
        b"\xef\xbb\xbf{}",
        b'{"name": "\\ud800", "email": "a@example.com"}',
        b'{"name": 1, "email": [], "status": "x", "id": "7"}',
        b'{"name": "a", "name": "b"}',
        b'{"name": 1e999, "email": "a@example.com"}',
        b'{"name": ' + b"9" * 400 + b"}",
        body_of(email="taken@example.com"),
        body_of(email="no address"),
        b"[" * 40,
    ],
    ids=lambda body: repr(body[:40]),
)
async def test_a_lead_is_refused_as_by_the_router(client: httpx.AsyncClient, body: bytes) -> None:
    await client.post("/leads", json={**GOOD, "email": "taken@example.com"})

    short, long = await both(client, "POST", ["/leads"], JSON, body)

    assert short == long


@pytest.mark.parametrize(
    "target",
    [
        "/leads",
        "/leads?",
        "/leads?limit=1",
        "/leads?limit=2",
        "/leads?limit=200",
        "/leads?limit=201",
        "/leads?limit=0",
        "/leads?limit=01",
        "/leads?limit=%31",
        "/leads?limit=",
        "/leads?limit=1&limit=2",
        "/leads?limit=x",
        "/leads?cursor=",
        "/leads?cursor=abc",
        "/leads?limit=1&cursor={cursor}",
        "/leads?cursor={cursor}",
        "/leads?&cursor={cursor}",
        "/leads?cursor={cursor}&limit=1",
        "/leads?limit=1&cursor={cursor}x",
        "/leads?limit=1&cursor={other}",
        "/leads?limit=1&status=new",
        "/leads?limit=1&page=2",
        "/leads?sort=name",
        "/leads/",
        "/%6Ceads",
    ],
)
async def test_leads_are_listed_as_by_the_router(client: httpx.AsyncClient, target: str) -> None:
    for n in range(3):
        await client.post("/leads", json={**GOOD, "email": f"a{n}@example.com"})
    pages = [
        (await client.get("/leads", params={"limit": "1", **more})).json()["next_cursor"]
        for more in ({}, {"sort": "name"})
    ]
    target = target.format(cursor=pages[0], other=pages[1])

    short, long = await both(client, "GET", [target], [], b"")

    assert short == long


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/leads/{lead}/summarize", []),
        ("/leads/{lead}/summarize", JSON),
        ("/leads/{lead}/summarize", [*JSON, ("idempotency-key", "k{n}")]),
        ("/leads/{lead}/summarize?force=true", []),
        ("/leads/{lead}/summarize?force=maybe", []),
        ("/leads/{lead}/summarize/", []),
        ("/leads/{LEAD}/summarize", []),
        ("/leads/{lead}/summarise", []),
        ("/leads/{lead}/summaries", []),
        (f"/leads/{NOBODY}/summarize", []),
    ],
    ids=str,
)
@pytest.mark.parametrize("body", [b"", b"{}", b'{"force": true}', b"{"])
async def test_a_summary_is_asked_for_as_by_the_router(
    client: httpx.AsyncClient, target: str, headers: Headers, body: bytes
) -> None:
    leads = [
        (await client.post("/leads", json={**GOOD, "email": f"a{n}@example.com"})).json()["id"]
        for n in range(2)
    ]
    targets = [target.format(lead=lead, LEAD=lead.upper()) for lead in leads]

    short, long = await both(client, "POST", targets, headers, body)

    assert short == long


@pytest.mark.parametrize(
    ("call", "method", "target"),
    [
        ("create_lead", "POST", "/leads"),
        ("list_leads", "GET", "/leads?limit=5"),
        ("request_summary", "POST", f"/leads/{NOBODY}/summarize"),
    ],
)
async def test_a_short_cut_breaks_as_the_router_does(
    system: System, call: str, method: str, target: str
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("away")

    crm = replace(system.crm, **{call: broken})  # type: ignore[arg-type]
    async with a_client(replace(system, crm=crm)) as client:
        short, long = await both(client, method, [target], JSON, body_of())

    assert short == long
    assert "'status': 503" in short[0]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("POST", "/leads", 201),
        ("GET", "/leads?limit=5", 200),
        ("POST", "/leads/{lead}/summarize", 202),
    ],
)
async def test_the_router_is_spared(
    client: httpx.AsyncClient, method: str, target: str, status: int
) -> None:
    front = cast("Front", cast("Any", client)._transport.app)

    async def unreachable(*_: object) -> None:
        raise AssertionError

    lead = (await client.post("/leads", json={**GOOD, "email": "b@example.com"})).json()["id"]
    alone = Front(unreachable, front.gate, Metrics(), front.draining)

    sent = [("x-api-key", KEY), *JSON]
    told = await answer(alone, method, target.format(lead=lead), sent, body_of())

    assert told[0]["status"] == status
