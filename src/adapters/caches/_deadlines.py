"""Deadlines that are fair while the event loop is held up: what arrived in time counts."""

import asyncio
import time
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Any

LAST_LOOKS = 5
"""Turns of the loop: what has arrived is read, handed on, and whoever waits for it wakes up."""


class Deadlines:
    """Ends futures with TimeoutError when they are due; one timer serves them all.

    `late` is told, once for those that ended together. A timer that fires finds what arrived
    before it unread in some loops, so it looks a few turns more.
    """

    def __init__(self, late: Callable[[], None]) -> None:
        self._late = late
        self._watched: list[tuple[float, int, asyncio.Future[Any]]] = []
        self._number = count()
        self._timer: asyncio.Handle | None = None
        self._next_look = 0.0

    def watch(self, future: "asyncio.Future[Any]", due: float) -> None:
        """`due` is a time of the monotonic clock."""
        heappush(self._watched, (due, next(self._number), future))
        if self._timer is None or due < self._next_look:
            self._look_at(due)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._watched.clear()

    def _look_at(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next_look = due
        self._timer = asyncio.get_running_loop().call_later(
            max(0.0, due - time.monotonic()), self._look
        )

    def _look(self) -> None:
        self._timer = None
        self._drop_ended()
        if not self._watched:
            return
        due, now = self._watched[0][0], time.monotonic()
        if due > now:
            self._look_at(due)
        else:
            self._look_again(now, LAST_LOOKS)

    def _look_again(self, now: float, more: int) -> None:
        if more:
            self._next_look = now
            self._timer = asyncio.get_running_loop().call_soon(self._look_again, now, more - 1)
            return
        self._end_those_due_by(now)
        self._look()

    def _end_those_due_by(self, now: float) -> None:
        anybody = False
        while self._watched and self._watched[0][0] <= now:
            future = heappop(self._watched)[2]
            if not future.done():
                future.set_exception(TimeoutError())
                anybody = True
        if anybody:
            self._late()

    def _drop_ended(self) -> None:
        while self._watched and self._watched[0][2].done():
            heappop(self._watched)
