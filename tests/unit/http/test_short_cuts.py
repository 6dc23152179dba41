"""What goes past the router is answered as the router answers it, byte for byte."""

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


async def answer(
    front: Front, method: str, target: str, headers: Headers, body: bytes = b'{"name": "Eve"}'
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


def counted(metrics: Metrics) -> set[str]:
    samples = [sample for family in metrics.collect() for sample in family.samples]
    return {f"{s.labels} {s.value}" for s in samples if s.name == "smart_crm_http_requests_total"}


async def both(client: httpx.AsyncClient, method: str, target: str, headers: Headers) -> Any:
    """The same request to the front as it is, and to one that knows no short cut."""
    front = cast("Front", cast("Any", client)._transport.app)
    told = []
    for short_cuts in (front.gate.short_cuts, {}):
        metrics = Metrics()
        one = Front(front.app, Gate(Key(KEY), short_cuts), metrics, front.draining)
        sent = [("host", "crm.test"), ("x-request-id", "r1"), *headers]
        told.append((await answer(one, method, target, sent), counted(metrics)))
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


async def test_the_router_is_spared(client: httpx.AsyncClient) -> None:
    front = cast("Front", cast("Any", client)._transport.app)

    async def unreachable(*_: object) -> None:
        raise AssertionError

    lead = (await client.post("/leads", json=GOOD)).json()["id"]
    alone = Front(unreachable, front.gate, Metrics(), front.draining)

    told = await answer(alone, "GET", f"/leads/{lead}", [("x-api-key", KEY)])

    assert told[0]["status"] == 200
