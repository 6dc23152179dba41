"""Say when each lead source was last read with success, to whoever asks every second."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.ports import UnitsOfWork

DEADLINE_SECONDS = 0.5
FRESH_SECONDS = 5.0

LastSuccesses = Mapping[str, datetime | None]


@dataclass(slots=True)
class LastSyncs:
    """The database is asked every few seconds at most; `seconds` is a clock that only goes on."""

    unit_of_work: UnitsOfWork
    sources: Sequence[str]
    seconds: Callable[[], float] = time.monotonic
    _found: LastSuccesses | None = field(default=None, init=False)
    _stale_at: float = field(default=0.0, init=False)

    async def __call__(self) -> LastSuccesses | None:
        """By configured source, None for one that never was; None if they cannot be had at once."""
        if self._found is None or self.seconds() >= self._stale_at:
            self._found = await self._ask()
            self._stale_at = self.seconds() + FRESH_SECONDS
        return self._found

    async def _ask(self) -> LastSuccesses | None:
        try:
            async with (
                asyncio.timeout(DEADLINE_SECONDS),
                self.unit_of_work(reads_only=True) as work,
            ):
                found = await work.sync_runs.last_successes()
        except Exception:  # noqa: BLE001 - whatever is wrong, it is not what was asked about
            return None
        return {source: found.get(source) for source in self.sources}
