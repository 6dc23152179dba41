"""A lean HTTP client, as a full one costs more than the servers under test."""

import asyncio
import json
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


class Connection:
    """One kept-alive connection, for one request at a time; every answer must tell its length."""

    def __init__(self, url: str, key: str) -> None:
        self._host, self._key = urlsplit(url).netloc, key

    async def __aenter__(self) -> Self:
        host, _, port = self._host.partition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def get(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        return await self._ask(f"GET {path} HTTP/1.1", b"")

    async def post(self, path: str, body: Any = None) -> tuple[int, bytes]:
        """The same, of a body sent as JSON."""
        return await self._ask(
            f"POST {path} HTTP/1.1", b"" if body is None else json.dumps(body).encode()
        )

    async def _ask(self, first_line: str, body: bytes) -> tuple[int, bytes]:
        kind = "\r\ncontent-type: application/json" if body else ""
        self._writer.write(
            f"{first_line}\r\nhost: {self._host}\r\nx-api-key: {self._key}{kind}\r\n"
            f"content-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].split("\r\n")[0])
        return int(head.split()[1]), await self._reader.readexactly(length)
