"""What a cache in a process's memory needs of the shared one below it."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from application.ports import Cache, Probe

Changed: TypeAlias = Callable[[str | None], None]
"""Is called with a key that changed, or with None where any may have."""


class WatchedCache(Cache, Probe, Protocol):
    """A shared cache that tells which documents that were read through it have changed.

    What changed before a read is told before that read is answered.
    """

    def watch(self, changed: Changed) -> None:
        """Tell `changed` each such key, and None where any document may have changed."""
        ...

    def current_since(self) -> float:
        """A time of the monotonic clock: what changed before it has been told.

        0.0 where that cannot be said, or nothing must be read from a cache.
        """
        ...

    async def stay_current(self) -> None:
        """Have `current_since` move on. Never raises."""
        ...

    async def close(self) -> None: ...
