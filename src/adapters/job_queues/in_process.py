"""The doorbell within one process: whoever listens is called at once."""

from collections import defaultdict
from collections.abc import Callable

from application.ports import Bell, JobQueue


class InProcessJobQueue(JobQueue):
    def __init__(self) -> None:
        self._listeners: dict[Bell, list[Callable[[], None]]] = defaultdict(list)

    def listen(self, bell: Bell, callback: Callable[[], None]) -> None:
        """Call back, in the ringer's own turn, whenever this bell is rung."""
        self._listeners[bell].append(callback)

    async def ring(self, bell: Bell) -> bool:
        for callback in self._listeners[bell]:
            callback()
        return bool(self._listeners[bell])
