"""What is checked of each request before the router, and where the router is not needed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from entrypoints.http.asgi import Receive, Scope
from entrypoints.http.body_guard import (
    READ_SECONDS,
    Refused,
    Replay,
    checked_body,
    is_read,
    says_empty,
)
from entrypoints.http.errors import told_of
from entrypoints.http.key import Key
from entrypoints.http.problems import problem, problem_reply
from entrypoints.http.replies import Headers, Reply
from entrypoints.http.request_guard import fault_of_target

ShortCut: TypeAlias = Callable[[Scope, Headers, bytes], Awaitable[Reply | None]]
"""Answers a request of the plainest form, given its headers and its checked body, just as the
router would have, and sets `path_template` as the router does; None leaves it to the router.

What it raises is answered as the router answers it.
"""
ShortCuts: TypeAlias = Mapping[tuple[str, int], ShortCut]
"""By the method and the length of the path, as it is found faster so than by any pattern."""


class Gate:
    """`read_seconds` are those that a body may take."""

    def __init__(self, key: Key, short_cuts: ShortCuts, read_seconds: float = READ_SECONDS) -> None:
        self.key = key
        self.short_cuts = short_cuts
        self.read_seconds = read_seconds

    def refusal(self, scope: Scope, headers: Headers, header_bytes: int) -> Reply | None:
        """By its target, the size of its headers, and its key."""
        if (fault := fault_of_target(scope, header_bytes)) is not None:
            return problem_reply(problem(scope, *fault))
        if not self.key.opens(scope, headers):
            told = problem(scope, "unauthorized", "Send your key in the header x-api-key.")
            return problem_reply(told, {"www-authenticate": 'ApiKey realm="smart-crm"'})
        return None

    async def enter(self, scope: Scope, headers: Headers, receive: Receive) -> Reply | Receive:
        """The answer, if it is to be given here; otherwise what the router is to read from."""
        body = b""
        if is_read(scope):
            if not says_empty(headers):
                try:
                    body = await checked_body(scope, receive, self.read_seconds)
                except Refused as refused:
                    return problem_reply(*told_of(scope, refused))
            receive = Replay(body, receive)
        short_cut = self.short_cuts.get((scope["method"], len(scope["path"])))
        if short_cut is None:
            return receive
        try:
            return await short_cut(scope, headers, body) or receive
        except Exception as error:  # noqa: BLE001 - nothing is behind this but the connection
            return problem_reply(*told_of(scope, error))
