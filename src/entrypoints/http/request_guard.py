"""What a request's target and headers must be before anyone reads them: bounded, and UTF-8."""

import re
from urllib.parse import unquote_to_bytes

from entrypoints.http.asgi import ASGIApp, Receive, Scope, Send
from entrypoints.http.problems import problem, send_problem

MAX_TARGET = 8 * 1024
MAX_HEADERS = 32 * 1024

_PLAIN = re.compile(rb"[!-$&-~]*")
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class RequestGuard:
    """Refuses a target or headers that are too large, and escapes that are no text."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := _refusal(scope)) is not None:
            slug, detail = refusal
            await send_problem(send, problem(scope, slug, detail))
            return
        await self.app(scope, receive, send)


def _refusal(scope: Scope) -> tuple[str, str] | None:
    """Slug and detail of what is wrong; None if it may be read."""
    path, query = scope["raw_path"], scope["query_string"]
    if len(path) + len(query) > MAX_TARGET:
        return "target-too-long", f"The path and the query have more than {MAX_TARGET} bytes."
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
        return "headers-too-large", f"The headers have more than {MAX_HEADERS} bytes."
    for name, raw in (("path", path), ("query", query)):
        if (fault := _fault(raw)) is not None:
            return "bad-request", f"The {name} {fault}."
    return None


def _fault(raw: bytes) -> str | None:
    if _PLAIN.fullmatch(raw):
        return None
    if _BROKEN_ESCAPE.search(raw):
        return "has a % that starts no escape; a plain one is %25"
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return "holds control characters" if _CONTROL.search(text) else None
