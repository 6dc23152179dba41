"""How long something takes by the clock, and on the processors: ours and the server's."""

import time
from types import TracebackType

from bench.cpu import tree_seconds


class Stopwatch:
    """`seconds` by the clock, `ours` and `theirs` on a processor; of the last block."""

    def __init__(self, server_pid: int) -> None:
        self._server_pid = server_pid
        self._began = (0.0, 0.0, 0.0)
        self.seconds = self.ours = self.theirs = 0.0

    def __enter__(self) -> None:
        self._began = self._now()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds, self.ours, self.theirs = (
            now - before for now, before in zip(self._now(), self._began, strict=True)
        )

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.process_time(), tree_seconds(self._server_pid) or 0.0
