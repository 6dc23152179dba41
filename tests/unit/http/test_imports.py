"""Imports over a system in memory."""

import asyncio
import codecs
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.upload import FileFormat
from entrypoints.http.asgi import Message
from entrypoints.http.body_guard import Refused
from entrypoints.http.body_stream import BodyStream, Incoming, format_of
from tests.contracts.http_imports import HttpImportsContract


class TestImportsInMemory(HttpImportsContract):
    pass


def stream(pieces: list[bytes], limit: int = 100, **but: Any) -> AsyncIterator[bytes]:
    left = [*pieces]

    async def receive() -> Message:
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    return BodyStream(receive, limit, **but)()  # type: ignore[arg-type]


async def read(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def test_a_character_may_be_cut_in_two() -> None:
    assert await read(stream([b"\xc3", b"\xa9"])) == "é".encode()


@pytest.mark.parametrize(
    ("pieces", "slug"),
    [
        ([b"a", b"\xff"], "not-utf8"),
        ([b"a", b"\xc3"], "not-utf8"),
        ([b"a" * 60, b"a" * 41], "body-too-large"),
    ],
)
async def test_what_is_wrong_is_seen_while_it_comes(pieces: list[bytes], slug: str) -> None:
    with pytest.raises(Refused) as refused:
        await read(stream(pieces))

    assert refused.value.slug == slug


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
@pytest.mark.parametrize("first", [1, 2, 3, 7])
async def test_utf_16_is_told_by_its_mark_wherever_the_pieces_end(mark: bytes, first: int) -> None:
    encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    body = mark + "name,\u00e9\U0001f469".encode(encoding)

    pieces = [b"", body[:first], body[first:]]
    assert await read(stream(pieces, may_be_utf_16=True)) == body
    with pytest.raises(Refused, match="UTF-8 near byte 0"):
        await read(stream(pieces))


@pytest.mark.parametrize(
    "pieces",
    [
        [codecs.BOM_UTF16_LE + b"a"],
        [codecs.BOM_UTF16_LE, b"\x00\xd8a\x00"],
        [b"\xff"],
        [b"\xff", b"a"],
        ["a".encode("utf-16-le"), b"\xff"],
    ],
)
async def test_what_is_neither_utf_8_nor_utf_16_is_refused(pieces: list[bytes]) -> None:
    with pytest.raises(Refused) as refused:
        await read(stream(pieces, may_be_utf_16=True))

    assert refused.value.slug == "not-utf8"


@pytest.mark.parametrize("seconds", [{"piece_seconds": 0.01}, {"whole_seconds": 0.01}])
async def test_a_sender_who_stalls_is_let_go(seconds: dict[str, float]) -> None:
    async def never() -> Message:
        await asyncio.Event().wait()
        return {}

    with pytest.raises(Refused) as refused:
        await read(BodyStream(never, 100, **seconds)())  # type: ignore[arg-type]

    assert refused.value.slug == "body-too-slow"


async def test_a_sender_who_leaves_is_not_taken_for_the_end() -> None:
    async def left() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(Refused) as refused:
        await read(BodyStream(left, 100)())  # type: ignore[arg-type]

    assert refused.value.slug == "incomplete-body"


def test_the_format_is_told_by_the_type_however_it_is_written() -> None:
    headers = [(b"content-type", b"Text/CSV; charset=UTF-8")]

    assert format_of({"headers": headers}, 100) is FileFormat.CSV


async def test_who_is_refused_may_finish_sending_but_not_for_ever() -> None:
    left = [b"a", b"b", b""]

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    async with asyncio.timeout(5):
        await Incoming(receive).pass_over()  # type: ignore[arg-type]
        assert left == []
        await Incoming(receive).pass_over(seconds=0.01)  # type: ignore[arg-type]
