"""What stands before the router: a request id, an access log, and the key.

Pure ASGI, as every layer here is paid for by every request.
"""

import asyncio
import logging
import time
from hmac import compare_digest

from structlog.contextvars import bound_contextvars
from uuid_utils import uuid7

from entrypoints.http.asgi import ASGIApp, Message, Receive, Scope, Send
from entrypoints.http.metrics import Metrics
from entrypoints.http.problems import problem, send_problem

log = logging.getLogger("smart_crm.access")

MAX_REQUEST_ID = 64
OPEN_PATHS = ("/health/", "/docs", "/openapi.json", "/problems")


class RequestContext:
    """Gives each request an id, counts and logs it, and answers what nothing else caught.

    While `draining`, each answer tells its client to let go of the connection, as one that is
    idle at the stop may be closed just when the next request is on its way.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, draining: asyncio.Event) -> None:
        self.app = app
        self.metrics = metrics
        self.draining = draining

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
        answered = 0.0

        async def answer(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], time.perf_counter()
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
                if self.draining.is_set():
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception:
            log.exception("a request broke")
            if not status:
                told = problem(scope, "internal-error", "This is our fault, not yours.")
                await send_problem(answer, told)
        seconds = time.perf_counter() - started
        # a stream may go on for minutes after its answer began
        waited = (answered or time.perf_counter()) - started
        self.metrics.count(scope["method"], scope.get("path_template", "-"), status, waited)
        log.log(
            logging.DEBUG if scope["path"].startswith("/health/") else logging.INFO,
            "%s %s",
            scope["method"],
            _one_line(scope["path"]),
            extra={"status": status, "milliseconds": round(seconds * 1000, 2)},
        )


class RequireKey:
    """Lets through who knows the key, and anybody to health and docs."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self.app = app
        self.key = key.encode()
        self.key_id = _key_id(key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["key_id"] = self.key_id
        if scope["type"] == "http" and not self._may_pass(scope):
            told = problem(scope, "unauthorized", "Send your key in the header x-api-key.")
            await send_problem(send, told, {"www-authenticate": 'ApiKey realm="smart-crm"'})
            return
        await self.app(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        if scope["path"].startswith(OPEN_PATHS):
            return True
        given = [value for name, value in scope["headers"] if name == b"x-api-key"]
        return len(given) == 1 and compare_digest(given[0], self.key)


def _one_line(path: str) -> str:
    """The path as a log may show it: nothing in it starts another line."""
    return path if path.isprintable() else ascii(path)


def _key_id(key: str) -> str:
    """The public part of a key of ours; the bootstrap key may have any form."""
    parts = key.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "crm" and parts[1] else "bootstrap"


def _given_request_id(scope: Scope) -> str | None:
    """The caller's own id, if it is one that a log can hold."""
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    fits = 0 < len(given) <= MAX_REQUEST_ID
    return given if fits and given.isascii() and given.replace("-", "").isalnum() else None
