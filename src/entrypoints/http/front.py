"""What stands before the router: a request id, an access log, the key, and the body's bounds.

Pure ASGI, as every layer here is paid for by every request.
"""

import logging
import time
from collections.abc import Mapping
from hmac import compare_digest

from structlog.contextvars import bound_contextvars
from uuid_utils import uuid7

from entrypoints.http.asgi import ASGIApp, Message, Receive, Scope, Send
from entrypoints.http.metrics import Metrics
from entrypoints.http.problems import problem, send_problem

log = logging.getLogger("smart_crm.access")

MAX_BODY = 64 * 1024
MAX_DEPTH = 32
MAX_REQUEST_ID = 64
OPEN_PATHS = ("/health/", "/docs", "/openapi.json")


class RequestContext:
    """Gives each request an id, counts and logs it, and answers what nothing else caught."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _given_request_id(scope) or str(uuid7())
        scope.setdefault("state", {})["request_id"] = request_id
        with bound_contextvars(request_id=request_id):
            await self._answer(scope, receive, send, request_id)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception:
            log.exception("a request broke")
            if not status:
                told = problem(scope, 500, "internal-error", "This is our fault, not yours.")
                await send_problem(answer, told)
        seconds = time.perf_counter() - started
        self.metrics.count(scope["method"], scope.get("path_template", "-"), status, seconds)
        log.log(
            logging.DEBUG if scope["path"].startswith("/health/") else logging.INFO,
            "%s %s",
            scope["method"],
            scope["path"],
            extra={"status": status, "milliseconds": round(seconds * 1000, 2)},
        )


class RequireKey:
    """Lets through who knows the key, and anybody to health and docs."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self.app = app
        self.key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._may_pass(scope):
            told = problem(
                scope, 401, "unauthorized", "Send your key in the header x-api-key.", "No valid key"
            )
            await send_problem(send, told, {"www-authenticate": 'ApiKey realm="smart-crm"'})
            return
        await self.app(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        if scope["path"].startswith(OPEN_PATHS):
            return True
        given = [value for name, value in scope["headers"] if name == b"x-api-key"]
        return len(given) == 1 and compare_digest(given[0], self.key)


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
        too_large = length.isdigit() and int(length) > MAX_BODY
        body = None if too_large else await _read(receive)
        if body is None:
            detail = f"The body is larger than {MAX_BODY} bytes."
            told = problem(scope, 413, "body-too-large", detail)
            await send_problem(send, told, {"connection": "close"})
        elif (refusal := _refusal(body, headers)) is not None:
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


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None as soon as it is too large, or if the client went away."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks.append(message["body"])
        size += len(message["body"])
        if size > MAX_BODY:
            return None
        if not message["more_body"]:
            return b"".join(chunks)


def _refusal(body: bytes, headers: Mapping[bytes, bytes]) -> tuple[int, str, str] | None:
    """Status, slug and detail of what is wrong with this body; None if it may be parsed."""
    if not body:
        return None
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media_type != b"application/json":
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


def _given_request_id(scope: Scope) -> str | None:
    """The caller's own id, if it is one that a log can hold."""
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    fits = 0 < len(given) <= MAX_REQUEST_ID
    return given if fits and given.isascii() and given.replace("-", "").isalnum() else None
