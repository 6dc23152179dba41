"""Answers that are read while they come, and the server-sent events in them."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import httpx


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the stream, with its data decoded."""

    name: str
    id: str
    data: dict[str, Any]


async def events_in(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    """The events of a stream, by the rules of its standard as far as we use them."""
    fields: dict[str, str] = {}
    async for line in lines:
        if not line and "data" in fields:
            yield Event(fields["event"], fields["id"], json.loads(fields["data"]))
        name, _, value = line.partition(": ")
        fields = {**fields, name: value} if line else {}


@dataclass(slots=True)
class Streamed:
    """What came of an answer so far."""

    status: int = 0
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    has_ended: bool = False
    _chunks: "asyncio.Queue[bytes | None]" = field(default_factory=asyncio.Queue)

    async def take(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], httpx.Headers(message["headers"])
            return
        if message.get("body"):
            await self._chunks.put(message["body"])
        if not message.get("more_body"):
            self.has_ended = True
            await self._chunks.put(None)

    async def lines(self) -> AsyncIterator[str]:
        while (chunk := await self._chunks.get()) is not None:
            for line in chunk.decode().splitlines():
                yield line

    def events(self) -> AsyncIterator[Event]:
        return events_in(self.lines())


@asynccontextmanager
async def streamed(
    client: httpx.AsyncClient, path: str, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Streamed]:
    """A GET of the app behind this client; whoever leaves the block has gone away."""
    app = cast("httpx.ASGITransport", client._transport).app
    request = client.build_request("GET", path, headers=headers)
    answer, left = Streamed(), asyncio.Event()
    body = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if body:
            return body.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        await answer.take(message)
        if answer.has_ended:
            left.set()

    scope = {
        "type": "http",
        "method": "GET",
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": request.url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
    }
    serve: Any = app
    answering = asyncio.create_task(serve(scope, receive, send))
    try:
        yield answer
    finally:
        left.set()
        await asyncio.wait_for(answering, 5)
