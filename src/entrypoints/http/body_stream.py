"""A body that is too long to be held: checked piece by piece while it comes in."""

import asyncio
import codecs
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message as MediaType
from typing import Any

from litestar.types import Receive

from domain.upload import FileFormat
from entrypoints.http.asgi import Scope
from entrypoints.http.body_guard import (
    CLOSE,
    UTF_8,
    Refused,
    check_headers,
    check_length,
    too_large,
)

UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
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
    refused = Refused("not-a-file-of-leads", detail, CLOSE)
    check_headers(scope, tuple(FORMATS), refused, charsets={*UTF_8, "utf-16"})
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


class _Text:
    """Looks at a body piece by piece, whether it is text: UTF-8, or UTF-16 if its mark says so."""

    def __init__(self, *, may_be_utf_16: bool) -> None:
        self._looks_for_mark = may_be_utf_16
        self._encoding = "utf-8"
        self._decoder = codecs.getincrementaldecoder(self._encoding)()
        self._size = 0
        self._start = b""

    def check(self, piece: bytes, *, is_last: bool) -> None:
        """Refused at what is none."""
        if self._looks_for_mark:
            self._start += piece
            if len(self._start) < len(UTF_16_MARKS[0]) and not is_last:
                return
            self._looks_for_mark, piece = False, self._start
            if piece.startswith(UTF_16_MARKS):
                self._encoding = "utf-16"
                self._decoder = codecs.getincrementaldecoder(self._encoding)()
        try:
            self._decoder.decode(piece, final=is_last)
        except UnicodeDecodeError as error:
            raise _not_text(self._encoding.upper(), self._size + error.start) from None
        self._size += len(piece)


@dataclass(frozen=True, slots=True)
class BodyStream:
    """`limit` is in bytes; the seconds are those for one piece, and for all of them.

    It is UTF-8, and where it `may_be_utf_16`, that if it begins with its byte order mark.
    """

    receive: Receive
    limit: int
    may_be_utf_16: bool = False
    piece_seconds: float = PIECE_SECONDS
    whole_seconds: float = WHOLE_SECONDS

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        """Its pieces; Refused at one that is too much, too late, no text, or missing."""
        text, size = _Text(may_be_utf_16=self.may_be_utf_16), 0
        until = asyncio.get_running_loop().time() + self.whole_seconds
        is_last = False
        while not is_last:
            piece, is_last = await self._next(until)
            if size + len(piece) > self.limit:
                raise too_large(self.limit)
            text.check(piece, is_last=is_last)
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


def _not_text(encoding: str, at: int) -> Refused:
    detail = (
        f"The body is not {encoding} near byte {at}: save the file anew, in Excel as"
        ' "CSV UTF-8 (Comma delimited)".'
    )
    return Refused("not-utf8", detail, CLOSE)
