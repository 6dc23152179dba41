"""The raw ASGI limit: as many bytes as our answer has, and nothing else done."""

from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from entrypoints.http.asgi import ASGIApp, Receive, Scope, Send


@asynccontextmanager
async def opened(chosen: Namespace) -> AsyncIterator[ASGIApp]:
    body = b"x" * chosen.bytes
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    rest = {"type": "http.response.body", "body": body}

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send(start)
        await send(rest)

    yield app
