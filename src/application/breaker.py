"""A breaker for failures that no retry mends: stop asking, then let one try at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(eq=False, slots=True)
class Breaker:
    """Closed at first; tripped, it lets nobody through for `pause`, then one at a time."""

    pause: timedelta = timedelta(seconds=30)
    _open_until: datetime | None = None

    def trip(self, now: datetime) -> None:
        self._open_until = now + self.pause

    def close(self) -> None:
        self._open_until = None

    def allowed(self, wanted: int, now: datetime) -> int:
        """How many of `wanted` may go ahead; who tries after the pause holds the others back."""
        if self._open_until is None:
            return wanted
        if now < self._open_until:
            return 0
        self._open_until = now + self.pause
        return min(wanted, 1)
