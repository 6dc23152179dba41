"""The body guard: what it lets through as it is, and how it reads."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from entrypoints.http.asgi import ASGIApp, Message, Receive, Scope, Send
from entrypoints.http.body_guard import MAX_BODY, READ_SECONDS
from entrypoints.http.front import Front
from entrypoints.http.gate import Gate
from entrypoints.http.json_text import MAX_TOLD
from entrypoints.http.key import Key
from entrypoints.http.metrics import Metrics
from tests.bad_requests import GOOD, JSON
from tests.systems import KEY

BODY = json.dumps(GOOD).encode()
HEADERS = [(b"x-api-key", KEY.encode())]


def a_front(app: ASGIApp, read_seconds: float = READ_SECONDS) -> Front:
    return Front(app, Gate(Key(KEY), {}, read_seconds), Metrics(), asyncio.Event())


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json; profile=x; charset=us-ascii",
        "application/json;",
    ],
)
async def test_json_in_utf8_is_taken_however_its_type_is_written(
    client: httpx.AsyncClient, content_type: str
) -> None:
    response = await client.post("/leads", content=BODY, headers={"content-type": content_type})

    assert response.status_code == 201


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a byte order mark", b"\xef\xbb\xbf" + BODY),
        ("blanks around it", b" \r\n\t" + BODY + b"\n"),
        ("no escapes", json.dumps({**GOOD, "company": "B\u00fccher"}, ensure_ascii=False).encode()),
        ("a whole pair", json.dumps({**GOOD, "company": "\U0001f980"}).encode()),
        ("brackets in strings", json.dumps({**GOOD, "notes": '[{"\\' * 2_000}).encode()),
        ("the same key in two objects", b'[{"a": 1}, {"a": 1, "b": {"a": 1}}]'),
        ("32 levels", b"[" * 32 + b"]" * 32),
        ("many shallow lists", b"[" + b",".join([b"[[]]"] * 5_000) + b"]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_well_written_is_parsed(
    client: httpx.AsyncClient, name: str, body: bytes
) -> None:
    response = await client.post("/leads", content=body, headers=JSON)

    # what is no lead gets as far as the rules
    assert response.status_code == (201 if b"Grace" in body else 422)


async def test_a_body_as_large_as_may_be_is_taken(client: httpx.AsyncClient) -> None:
    body = BODY + b" " * (MAX_BODY - len(BODY))

    assert (await client.post("/leads", content=body, headers=JSON)).status_code == 201


async def test_two_content_types_are_none(client: httpx.AsyncClient) -> None:
    headers = [("content-type", "application/json"), ("content-type", "text/plain")]

    response = await client.post("/leads", content=BODY, headers=headers)

    assert response.status_code == 415


async def test_thousands_of_doubled_keys_are_told_in_a_short_answer(
    client: httpx.AsyncClient,
) -> None:
    body = ",".join(f'"k{n}": 1, "k{n}": 2' for n in range(2_000))

    response = await client.post("/leads", content=f"{{{body}}}", headers=JSON)

    assert len(response.json()["errors"]) == MAX_TOLD


@pytest.mark.parametrize("method", ["GET", "DELETE", "FROB"])
async def test_a_body_that_means_nothing_is_not_read(
    client: httpx.AsyncClient, method: str
) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 1024

    async def lazily(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(app=a_front(lazily))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://crm.test", headers={"x-api-key": KEY}
    ) as friend:
        assert (await friend.request(method, "/leads", content=endless())).status_code == 204

    assert read == 0


async def test_what_says_that_it_has_no_body_is_not_waited_for() -> None:
    async def taken(_: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        assert (message["body"], message["more_body"]) == (b"", False)
        await send({"type": "http.response.start", "status": 204, "headers": []})

    (start,) = await _guarded([], headers=[(b"content-length", b"0")], app=taken)

    assert start["status"] == 204


async def test_a_body_that_comes_in_pieces_is_read_whatever_its_length_is_said_to_be() -> None:
    headers = [(b"content-length", b"0"), (b"transfer-encoding", b"chunked")]

    start, body = await _guarded([{"type": "http.request", "body": b"{"}], headers=headers)

    assert (start["status"], json.loads(body["body"])["type"]) == (415, "/problems/not-json")


async def _guarded(
    messages: list[Message],
    headers: Sequence[tuple[bytes, bytes]] = (),
    app: ASGIApp | None = None,
) -> list[Message]:
    """What a client hears that sends these messages, and nothing after them."""
    told: list[Message] = []
    coming = iter(messages)

    async def receive() -> Message:
        for message in coming:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        told.append(message)

    async def unreachable(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("the body was let through")

    request = {
        "type": "http",
        "method": "POST",
        "path": "/leads",
        "raw_path": b"/leads",
        "query_string": b"",
        "headers": [*HEADERS, *headers],
    }
    await a_front(app or unreachable, read_seconds=0.05)(request, receive, send)
    return told


@pytest.mark.parametrize(
    "sent", [[], [{"type": "http.request", "body": b"{", "more_body": True}]], ids=len
)
async def test_a_body_that_does_not_come_is_given_up(sent: list[Message]) -> None:
    start, body = await asyncio.wait_for(_guarded(sent), 5)

    assert (start["status"], json.loads(body["body"])["type"]) == (408, "/problems/body-too-slow")
    assert (b"connection", b"close") in start["headers"]


async def test_a_body_that_breaks_off_is_told_as_such() -> None:
    sent: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    start, body = await _guarded(sent)

    assert (start["status"], json.loads(body["body"])["type"]) == (400, "/problems/incomplete-body")


async def test_a_coding_that_nobody_undid_is_refused() -> None:
    sent: list[Message] = [{"type": "http.request", "body": b"\x1f\x8b", "more_body": False}]
    headers = [(b"content-type", b"application/json"), (b"transfer-encoding", b"gzip, chunked")]

    start, body = await _guarded(sent, headers=headers)

    assert (start["status"], json.loads(body["body"])["type"]) == (415, "/problems/encoded-body")


async def test_a_length_of_thousands_of_digits_is_too_large() -> None:
    headers = [(b"content-length", b"9" * 5_000)]

    start, _ = await _guarded([], headers=headers)

    assert start["status"] == 413
