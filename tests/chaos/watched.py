"""What a process does while nothing can be done: its share of a core, and what it logs."""

import json
import os
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path

from tests.processes import Process

TICKS = os.sysconf("SC_CLK_TCK")
TROUBLES = {"warning", "error", "critical"}


class Watched:
    """From its making until asked."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._began, self._used = time.monotonic(), self._seconds_used()
        self._seen = process.log.stat().st_size

    def core(self, at_least: float) -> float:
        """The share of a core that it used, over so many seconds or more."""
        time.sleep(max(0.0, self._began + at_least - time.monotonic()))
        return (self._seconds_used() - self._used) / (time.monotonic() - self._began)

    def most_repeated(self, within: float) -> tuple[int, str]:
        """How often one kind of trouble was told within so many seconds, at most, and which."""
        with self._process.log.open() as log:
            log.seek(self._seen)
            lines = [json.loads(line) for line in log if line.startswith("{")]
        told: dict[str, list[float]] = defaultdict(list)
        for line in lines:
            if line["level"] in TROUBLES:
                kind = f"{line['event']} {line.get('run', '')}".strip()
                told[kind].append(datetime.fromisoformat(line["timestamp"]).timestamp())
        counts = [
            (sum(0 <= at - first < within for at in times), kind)
            for kind, times in told.items()
            for first in times
        ]
        return max(counts, default=(0, "-"))

    def _seconds_used(self) -> float:
        stat = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICKS
