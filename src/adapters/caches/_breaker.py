"""When to leave a Redis alone that does not answer, and when to try it again."""

import logging
import time
from collections.abc import Callable
from math import inf

log = logging.getLogger(__name__)

FAILURES_TO_OPEN = 3
FIRST_PAUSE = 1.0


class Breaker:
    """Opens when nothing was answered three times in a row; says once that it opens and closes.

    `calls` names in the log what it guards. Pauses double up to `longest_pause` seconds; after
    one, a single call may try, or all of them with `one_by_one=False`.
    """

    def __init__(
        self,
        calls: str,
        *,
        longest_pause: float = FIRST_PAUSE,
        one_by_one: bool = True,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seconds = seconds
        self._calls = calls
        self._longest_pause = longest_pause
        self._one_by_one = one_by_one
        self._failures = 0
        self._last_news = -inf
        self._pause = FIRST_PAUSE
        self._paused_until = -inf

    def admits(self) -> bool:
        """Whether to call now."""
        if self._failures < FAILURES_TO_OPEN:
            return True
        now = self.seconds()
        if now < self._paused_until:
            return False
        if self._one_by_one:
            self._paused_until = now + self._pause
        return True

    def answered(self) -> None:
        if self._failures >= FAILURES_TO_OPEN:
            log.info("the cache is back", extra={"calls": self._calls})
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._last_news = self.seconds()

    def failed(self, error: Exception, begun: float) -> None:
        """A call that began at `begun` had no answer.

        It counts only if there was no news since: calls that a busy loop cut off together are
        one failure, and none where others were answered meanwhile.
        """
        if begun < self._last_news:
            return
        self._last_news = self.seconds()
        self._failures += 1
        if self._failures == FAILURES_TO_OPEN:
            reason = type(error).__name__
            log.warning("the cache is away", extra={"calls": self._calls, "reason": reason})
        elif self._failures > FAILURES_TO_OPEN:
            self._pause = min(self._pause * 2, self._longest_pause)
        self._paused_until = self._last_news + self._pause

    def try_now(self) -> None:
        """Something else was answered: there is no use in waiting longer."""
        self._paused_until = -inf
