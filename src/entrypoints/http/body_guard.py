"""What a body must be before anything builds on it: JSON by its type, bounded, whole and clear."""

import asyncio
from codecs import BOM_UTF8
from collections.abc import Collection, Mapping, Sequence
from email.message import Message as MediaType
from typing import Any

from entrypoints.http.asgi import Message, Receive, Scope
from entrypoints.http.json_text import MAX_DEPTH, NotJson, doubled_keys, is_too_deep
from entrypoints.http.problems import FieldError
from entrypoints.http.replies import Headers

JSON = ("application/json",)
MERGE_PATCH = ("application/json", "application/merge-patch+json")
MAX_BODY = 64 * 1024
MAX_BODIES: Mapping[str, int] = {"/leads/batch": 1024 * 1024}
"""In bytes, by path, where MAX_BODY is not enough."""
READ_SECONDS = 15.0
STREAMED = "/leads/import"
"""The path whose bodies are not read here, and checked while they go through."""
# RFC 8259 knows no other encoding, and ASCII is a part of it
UTF_8 = frozenset({"utf-8", "utf8", "us-ascii"})
CLOSE = {"connection": "close"}
_DESCRIBING = frozenset({b"content-type", b"content-encoding", b"transfer-encoding"})


class Refused(Exception):
    """The body is not taken: the problem's slug, detail and further members, and headers."""

    def __init__(
        self, slug: str, detail: str, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail
        self.headers = headers
        self.more = more


def is_read(scope: Scope) -> bool:
    """Whether the body is read here; those of other methods mean nothing, and are not."""
    return scope["method"] in {"POST", "PUT", "PATCH"} and scope["path"] != STREAMED


def says_empty(headers: Headers) -> bool:
    """Whether it has no body by its own word, so that there is nothing to wait for.

    The server lets no two lengths differ, and reads no further than what was said.
    """
    return headers.get(b"content-length") == b"0" and b"transfer-encoding" not in headers


async def checked_body(scope: Scope, receive: Receive, read_seconds: float) -> bytes:
    """The body without its byte order mark.

    Refused if it is not JSON, or is too large, slow, deep or ambiguous, before it is parsed.
    """
    most = MAX_BODIES.get(scope["path"], MAX_BODY)
    check_length(scope, most)
    try:
        async with asyncio.timeout(read_seconds):
            body = await _read(receive, most)
    except TimeoutError:
        detail = f"The body was not complete after {read_seconds:g} seconds."
        raise Refused("body-too-slow", detail, CLOSE) from None
    if body:
        detail = "Send JSON in UTF-8, with Content-Type: application/json."
        taken = MERGE_PATCH if scope["method"] == "PATCH" else JSON
        check_headers(scope, taken, Refused("not-json", detail))
        body = body.removeprefix(BOM_UTF8)
        _check_text(body)
    return body


class Replay:
    """A `receive` that hands out the body that was read, then what comes next."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self.receive = receive
        self.message: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def __call__(self) -> Message:
        message, self.message = self.message, None
        return message or await self.receive()


async def _read(receive: Receive, limit: int) -> bytes:
    """The whole body; Refused as soon as it is too large, or if it breaks off."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused("incomplete-body", "The body broke off before its end.", CLOSE)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise too_large(limit)
        if not message.get("more_body", False):
            return b"".join(chunks)


def check_length(scope: Scope, limit: int) -> None:
    """Refused if it says itself that it is too large."""
    # the first digits tell enough, and Python takes no number of thousands
    lengths = _values(scope, b"content-length")
    if any(length.isdigit() and int(length[:20]) > limit for length in lengths):
        raise too_large(limit)


def too_large(limit: int) -> Refused:
    return Refused("body-too-large", f"The body is larger than {limit} bytes.", CLOSE)


def check_headers(
    scope: Scope, taken: Sequence[str], otherwise: Refused, charsets: Collection[str] = UTF_8
) -> None:
    """Refused for a body that is encoded, and `otherwise` if it is of no media type of these."""
    # what nearly all say is known at a glance
    said = [header for header in scope["headers"] if header[0] in _DESCRIBING]
    if said == [(b"content-type", taken[0].encode())]:
        return
    if any(
        value.lower() not in {b"", b"identity"} for value in _values(scope, b"content-encoding")
    ):
        detail = "Send the body without a Content-Encoding."
        raise Refused("encoded-body", detail, {"accept-encoding": "identity"})
    if any(value.lower() != b"chunked" for value in _values(scope, b"transfer-encoding")):
        raise Refused("encoded-body", "Send the body with no Transfer-Encoding but chunked.")
    types = _values(scope, b"content-type")
    if len(types) != 1 or not _is_taken(types[0], taken, charsets):
        raise otherwise


def _is_taken(content_type: bytes, taken: Sequence[str], charsets: Collection[str]) -> bool:
    if content_type == taken[0].encode():
        return True
    given = MediaType()
    given["content-type"] = content_type.decode("latin-1")
    charset = given.get_param("charset", "utf-8")
    return given.get_content_type() in taken and str(charset).lower() in charsets


def _check_text(body: bytes) -> None:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Refused("not-utf8", f"The body is not UTF-8 at byte {error.start}.") from None
    if is_too_deep(body):
        raise Refused("too-deep", f"The body is nested deeper than {MAX_DEPTH} levels.")
    try:
        pointers = doubled_keys(text) if text else []
    except NotJson as error:
        raise Refused("bad-request", f"The body is not JSON: {error}.") from None
    if pointers:
        raise Refused(
            "duplicate-key",
            f"A key stands twice in one object: {', '.join(pointers)}",
            errors=[FieldError(at, "duplicate_key", "this key stands twice") for at in pointers],
        )


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value.strip() for key, value in scope["headers"] if key == name]
