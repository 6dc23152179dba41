"""A body that is too long to be held: checked piece by piece while it comes in."""

import asyncio
from codecs import getincrementaldecoder
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message as MediaType
from typing import Any

from litestar.types import Receive

from domain.upload import FileFormat
from entrypoints.http.asgi import Scope
from entrypoints.http.body_guard import CLOSE, Refused, check_headers, check_length, too_large

FORMATS: Mapping[str, FileFormat] = {
    "text/csv": FileFormat.CSV,
    "application/x-ndjson": FileFormat.NDJSON,
}
PIECE_SECONDS = 15.0
"""For the next piece to come."""
PASS_OVER_SECONDS = 15.0
"""For the rest of a body that is refused."""
WHOLE_SECONDS = 1800.0
"""For the whole file: 500 MB at a bit more than 2 Mbit/s."""


def format_of(scope: Scope, limit: int) -> FileFormat:
    """What the headers say; Refused if they promise something else, or more than `limit` bytes."""
    detail = f"Send UTF-8, with Content-Type: {' or '.join(FORMATS)}."
    check_headers(scope, tuple(FORMATS), Refused("not-a-file-of-leads", detail, CLOSE))
    check_length(scope, limit)
    given = MediaType()
    given["content-type"] = dict(scope["headers"])[b"content-type"].decode("latin-1")
    return FORMATS[given.get_content_type()]


@dataclass(slots=True)
class Incoming:
    """A `receive` that knows whether the body is over."""

    receive: Receive
    is_over: bool = False

    async def __call__(self) -> Any:
        message = await self.receive()
        self.is_over = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def pass_over(self, seconds: float = PASS_OVER_SECONDS) -> None:
        """Read on for a while, as who is still sending cannot hear an answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.is_over:
                    await self()


@dataclass(frozen=True, slots=True)
class BodyStream:
    """`limit` is in bytes; the seconds are those for one piece, and for all of them."""

    receive: Receive
    limit: int
    piece_seconds: float = PIECE_SECONDS
    whole_seconds: float = WHOLE_SECONDS

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        """Its pieces; Refused at one that is too much, too late, not UTF-8, or missing."""
        decode, size = getincrementaldecoder("utf-8")().decode, 0
        until = asyncio.get_running_loop().time() + self.whole_seconds
        is_last = False
        while not is_last:
            piece, is_last = await self._next(until)
            if size + len(piece) > self.limit:
                raise too_large(self.limit)
            try:
                decode(piece, final=is_last)
            except UnicodeDecodeError as error:
                raise _not_utf8(size + error.start) from None
            size += len(piece)
            yield piece

    async def _next(self, until: float) -> tuple[bytes, bool]:
        try:
            async with asyncio.timeout_at(until), asyncio.timeout(self.piece_seconds):
                message = await self.receive()
        except TimeoutError:
            raise Refused("body-too-slow", "The body came too slowly.", CLOSE) from None
        if message["type"] != "http.request":
            raise Refused("incomplete-body", "The body broke off before its end.", CLOSE)
        return message.get("body", b""), not message.get("more_body", False)


def _not_utf8(at: int) -> Refused:
    detail = (
        f"The body is not UTF-8 near byte {at}: save the file anew, in Excel as"
        ' "CSV UTF-8 (Comma delimited)".'
    )
    return Refused("not-utf8", detail, CLOSE)
