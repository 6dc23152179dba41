"""What stands before the router: an id, a count and a line in the log for every request.

Pure ASGI, and in one piece, as every layer here is paid for by every request.
"""

import asyncio
import logging
from time import perf_counter

from uuid_utils import uuid7

from entrypoints.access_log import AccessLog, log_access
from entrypoints.http.asgi import ASGIApp, Message, Receive, Scope, Send
from entrypoints.http.gate import Gate
from entrypoints.http.metrics import Metrics
from entrypoints.http.problems import DEFECT, problem, problem_reply
from entrypoints.http.replies import Headers, send_reply
from entrypoints.request_id import REQUEST_ID

log = logging.getLogger(__name__)

MAX_REQUEST_ID = 64


class Front:
    """Gives each request an id, counts and logs it, and answers what nothing else caught.

    While `draining`, each answer tells its client to let go of the connection, as one that is
    idle at the stop may be closed just when the next request is on its way.
    """

    def __init__(
        self,
        app: ASGIApp,
        gate: Gate,
        metrics: Metrics,
        draining: asyncio.Event,
        access: AccessLog = log_access,
    ) -> None:
        self.app = app
        self.gate = gate
        self.metrics = metrics
        self.draining = draining
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        headers: Headers = {}
        header_bytes = 0
        for name, value in scope["headers"]:
            headers[name] = value
            header_bytes += len(name) + len(value)
        request_id = _given_request_id(headers) or str(uuid7())
        scope["state"] = {"request_id": request_id, "key_id": self.gate.key.id}
        REQUEST_ID.set(request_id)
        try:
            refusal = self.gate.refusal(scope, headers, header_bytes)
            reply = refusal or await self.gate.enter(scope, headers, receive)
        except Exception:
            log.exception("a request broke")
            reply = problem_reply(problem(scope, *DEFECT))
        if isinstance(reply, tuple):
            status, fields, _ = reply
            self._finish(fields, request_id)
            await send_reply(send, reply)
            answered = ended = perf_counter()
        else:
            status, answered = await self._go_on(scope, reply, send, request_id)
            ended = perf_counter()
        method, route = scope["method"], scope.get("path_template", "-")
        self.metrics.count(method, route, status, answered - began)
        self.access(method, scope["path"], status, ended - began, request_id)

    async def _go_on(
        self, scope: Scope, receive: Receive, send: Send, request_id: str
    ) -> tuple[int, float]:
        """Leave it to the router; the status, and when the answer began.

        A stream may go on for minutes after that.
        """
        status, answered = 0, 0.0

        async def answer(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], perf_counter()
                message["headers"] = fields = list(message["headers"])
                self._finish(fields, request_id)
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception:
            log.exception("a request broke")
            if not status:
                await send_reply(answer, problem_reply(problem(scope, *DEFECT)))
        return status, answered or perf_counter()

    def _finish(self, fields: list[tuple[bytes, bytes]], request_id: str) -> None:
        fields.append((b"x-request-id", request_id.encode()))
        if self.draining.is_set():
            fields.append((b"connection", b"close"))


def _given_request_id(headers: Headers) -> str | None:
    """The caller's own id, if it is one that a log can hold."""
    if (sent := headers.get(b"x-request-id")) is None:
        return None
    given = sent.decode("latin-1")
    fits = 0 < len(given) <= MAX_REQUEST_ID
    return given if fits and given.isascii() and given.replace("-", "").isalnum() else None
