"""A rate limit in this process's memory, for a worker that runs alone."""

import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from application.ports import RateLimit
from domain.budget import Rate

SLACK = timedelta(milliseconds=200)


class MemoryRateLimit(RateLimit):
    """A call that is made within `slack` of its permission keeps to the rate.

    Windows are longer by that, as one call may be late and the next one not. `seconds` is a
    monotonic clock.
    """

    def __init__(
        self, rate: Rate, slack: timedelta = SLACK, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._window = (rate.window + slack).total_seconds()
        self._allowed = deque[float](maxlen=rate.calls)
        self._seconds = seconds

    async def acquire(self) -> timedelta | None:
        now = self._seconds()
        if len(self._allowed) == self._allowed.maxlen:
            left = self._allowed[0] + self._window - now
            if left > 0:
                return timedelta(seconds=left)
        self._allowed.append(now)
        return None
