"""A deadline that is fair while the event loop is held up: what arrived in time counts."""

import asyncio
from types import TracebackType

LAST_LOOKS = 5
"""Turns of the loop: what has arrived is read, handed on, and whoever waits for it wakes up."""


class Deadline:
    """`async with Deadline(seconds)`: as `asyncio.timeout`, TimeoutError if it takes longer.

    `asyncio.timeout` ends a call in the same turn in which its answer is found to have arrived.
    """

    __slots__ = ("_handle", "_loop", "_seconds", "_timeout")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(None)

    async def __aenter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.Handle = self._loop.call_later(self._seconds, self._look, LAST_LOOKS)
        await self._timeout.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._handle.cancel()
        await self._timeout.__aexit__(kind, error, trace)

    def _look(self, more: int) -> None:
        if more:
            self._handle = self._loop.call_soon(self._look, more - 1)
        else:
            self._timeout.reschedule(self._loop.time())
