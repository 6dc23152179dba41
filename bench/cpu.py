"""What processes have taken of the machine, as Linux tells it; None on other systems."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path

PROC = Path("/proc")


def cpu_seconds(pids: Collection[int]) -> float | None:
    """User and system time of these processes, and of those children that they have seen end."""
    if not PROC.exists():
        return None
    ticks = sum(sum(int(n) for n in fields[11:15]) for pid in pids if (fields := _stat(pid)))
    return ticks / os.sysconf("SC_CLK_TCK")


def with_children(parent: int) -> Sequence[int]:
    """The process, and all that descend from it and still run."""
    found: list[int] = [parent]
    parents: dict[int, list[int]] = {}
    for path in PROC.glob("[0-9]*"):
        if fields := _stat(int(path.name)):
            parents.setdefault(int(fields[1]), []).append(int(path.name))
    for pid in found:
        found.extend(parents.get(pid, []))
    return found


def tree_seconds(pid: int) -> float | None:
    """User and system time of the process and all that descend from it, gone ones included."""
    return cpu_seconds(with_children(pid))


def resident_megabytes(pid: int) -> float | None:
    """What the process holds in memory, in millions of bytes."""
    if not PROC.exists():
        return None
    pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold anything; none if the process is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
