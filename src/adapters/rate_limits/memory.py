"""A rate limit in this process's memory, for a worker that runs alone."""

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from application.ports import RateLimit
from domain.budget import Rate


class MemoryRateLimit(RateLimit):
    """No call lasts longer than `lasts`; `seconds` is a monotonic clock."""

    def __init__(
        self, rate: Rate, lasts: timedelta, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._calls = rate.calls
        self._window = rate.window.total_seconds()
        self._lasts = lasts.total_seconds()
        self._seconds = seconds
        self._taken_until: dict[UUID, float] = {}

    async def begin(self, call: UUID) -> timedelta | None:
        now = self._seconds()
        self._taken_until = {k: until for k, until in self._taken_until.items() if until > now}
        if len(self._taken_until) >= self._calls:
            left = min(self._taken_until.values()) - now
            return timedelta(seconds=min(left, self._window))
        self._taken_until[call] = now + self._lasts + self._window
        return None

    async def end(self, call: UUID) -> None:
        if call in self._taken_until:
            self._taken_until[call] = self._seconds() + self._window
