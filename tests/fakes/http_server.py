"""A small HTTP/1.1 server that can misbehave byte by byte, in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes out; by default at once, whole and well formed."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before the first byte."""
    trickle: float = 0.0
    """Seconds between single bytes of the body."""
    cut_after: int | None = None
    """Close the connection after this many bytes of the body."""
    reset: bool = False
    """Close the connection without a byte."""
    endless: bool = False
    """Send the body over and over, until the client has gone."""
    delivered: Callable[[], None] = lambda: None
    """Called once the whole reply was handed over to the network."""


Handler = Callable[[Request], Reply]


class HttpServer:
    """Answers on a free loopback port while the `with` block is open; keeps every request."""

    def __init__(self, handler: Handler, port: int = 0) -> None:
        self.handler = handler
        self.requests: list[Request] = []
        self.port = port
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the fake server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Be gone: connections are cut, and new ones refused."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(10)

    def _serve(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while (request := await _read(reader)) is not None:
                self.requests.append(request)
                if not await _write(writer, self.handler(request)):
                    break
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    start = (await reader.readline()).decode("latin-1").split()
    if len(start) < 2:
        return None
    headers: dict[str, str] = {}
    while (line := (await reader.readline()).decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    url = urlsplit(start[1])
    return Request(start[0], url.path, dict(parse_qsl(url.query)), headers, body)


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    """False when the connection is to be closed."""
    await asyncio.sleep(reply.delay)
    if reply.reset:
        return False
    length = {} if reply.endless else {"content-length": str(len(reply.body))}
    headers = {"content-type": reply.content_type, **length, **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} Status", *(f"{k}: {v}" for k, v in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    body = reply.body if reply.cut_after is None else reply.body[: reply.cut_after]
    if reply.trickle:
        for byte in body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(reply.trickle)
    else:
        writer.write(body)
    await writer.drain()
    while reply.endless:
        writer.write(body)
        await writer.drain()
    if reply.cut_after is not None:
        return False
    reply.delivered()
    return True
