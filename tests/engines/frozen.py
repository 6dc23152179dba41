"""An engine that is there and does not answer."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engines.postgres import OwnPostgres
from tests.engines.redis import OwnRedis
from tests.processes import Process


@contextmanager
def frozen(server: OwnPostgres | OwnRedis | Process) -> Iterator[None]:
    """With all its backends, which would go on without their parent."""
    pids = [server.pid, *children_of(server.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def children_of(parent: int) -> list[int]:
    stats = [path.read_text() for path in Path("/proc").glob("[0-9]*/stat")]
    fields = [(stat.split(maxsplit=1)[0], stat.rpartition(")")[2].split()) for stat in stats]
    return [int(pid) for pid, rest in fields if int(rest[1]) == parent and rest[0] != "Z"]
