"""How long something takes by the clock, and on the processors: ours and the server's."""

import os
import time
from pathlib import Path
from types import TracebackType

TICKS = os.sysconf("SC_CLK_TCK")


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
        return time.perf_counter(), time.process_time(), tree_seconds(self._server_pid)


def tree_seconds(pid: int) -> float:
    """Processor seconds of a process, of its children, and of those that have ended."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(sum(_times(each)[:2]) for each in children) + sum(_times(str(pid)))


def _times(pid: str) -> tuple[float, ...]:
    """Of the user and of the system, then the same for children that have ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return (0.0,)
    return tuple(int(ticks) / TICKS for ticks in stat[11:15])
