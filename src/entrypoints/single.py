"""One all-in-one process per SQLite file: a lock beside it, which says where it answers."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrypoints.settings import InvalidSettings, Settings


@contextmanager
def only_server(settings: Settings, url: str) -> Iterator[None]:
    """Hold the SQLite file's lock, as a second cache beside it would be stale."""
    if not settings.on_sqlite:
        yield
        return
    path = _lock_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        if not _locked(lock.fileno()):
            raise InvalidSettings(
                f"{settings.database_url} is already served at {path.read_text().strip()}"
            )
        lock.truncate(0)
        lock.write(url)
        lock.flush()
        yield


def running_server(settings: Settings) -> str | None:
    """The URL of the all-in-one process on this SQLite file; None if there is none."""
    path = _lock_file(settings)
    if not settings.on_sqlite or not path.exists():
        return None
    with path.open("r+") as lock:
        return None if _locked(lock.fileno()) else lock.read().strip()


def _lock_file(settings: Settings) -> Path:
    return settings.home / "serve.lock"


def _locked(descriptor: int) -> bool:
    """Take the lock, which goes with its process; False if somebody holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
