"""What a body must be before anything parses it: JSON by its type, bounded, UTF-8, not too deep."""

from collections.abc import Mapping

from entrypoints.http.asgi import ASGIApp, Message, Receive, Scope, Send
from entrypoints.http.problems import problem, send_problem

JSON = (b"application/json",)
MERGE_PATCH = (b"application/json", b"application/merge-patch+json")
MAX_BODY = 64 * 1024
MAX_BODIES: Mapping[str, int] = {"/leads/batch": 1024 * 1024}
"""In bytes, by path, where MAX_BODY is not enough."""
MAX_DEPTH = 32


class BodyGuard:
    """Refuses what is not JSON, too large, not UTF-8 or too deep before anything parses it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"POST", "PUT", "PATCH"}:
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        most = MAX_BODIES.get(scope["path"], MAX_BODY)
        too_large = length.isdigit() and int(length) > most
        body = None if too_large else await _read(receive, most)
        if body is None:
            detail = f"The body is larger than {most} bytes."
            told = problem(scope, 413, "body-too-large", detail)
            await send_problem(send, told, {"connection": "close"})
        elif (refusal := _refusal(scope["method"], body, headers)) is not None:
            status, slug, detail = refusal
            await send_problem(send, problem(scope, status, slug, detail))
        else:
            await self.app(scope, _Replay(body, receive), send)


class _Replay:
    """A `receive` that hands out the body that was read, then what comes next."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self.receive = receive
        self.message: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def __call__(self) -> Message:
        message, self.message = self.message, None
        return message or await self.receive()


async def _read(receive: Receive, most: int) -> bytes | None:
    """The whole body; None as soon as it is too large, or if the client went away."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > most:
            return None
        if not message.get("more_body", False):
            return b"".join(chunks)


def _refusal(
    method: str, body: bytes, headers: Mapping[bytes, bytes]
) -> tuple[int, str, str] | None:
    """Status, slug and detail of what is wrong with this body; None if it may be parsed."""
    if not body:
        return None
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media_type not in (MERGE_PATCH if method == "PATCH" else JSON):
        return 415, "not-json", "Send JSON, with Content-Type: application/json."
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return 400, "not-utf8", f"The body is not UTF-8 at byte {error.start}."
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        return 400, "too-deep", f"The body is nested deeper than {MAX_DEPTH} levels."
    return None


def _depth(body: bytes) -> int:
    """How deep the brackets outside of strings are nested."""
    depth = deepest = 0
    in_string = escaped = False
    for byte in body:
        if in_string:
            in_string = escaped or byte != 0x22
            escaped = not escaped and byte == 0x5C
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
