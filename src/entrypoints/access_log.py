"""The access log: one line for each request that was answered.

As every request pays for it, JSON lines go past the machinery of logging, whose levels they
respect, and under load many are written at once.
"""

import asyncio
import atexit
import json
import logging
from contextlib import suppress
from functools import lru_cache
from typing import Protocol, TextIO

from entrypoints.log_lines import this_moment

log = logging.getLogger("smart_crm.access")

PAUSE = 0.01
"""Seconds from one write to the next."""

_quoted = json.encoder.encode_basestring_ascii


class AccessLog(Protocol):
    def __call__(
        self, method: str, path: str, status: int, seconds: float, request_id: str
    ) -> None:
        """Tell of one answer, now or in a moment; `/health/` is told of as debug only."""
        ...


def log_access(method: str, path: str, status: int, seconds: float, request_id: str) -> None:
    """As any other event; the id comes along as that of the running request."""
    del request_id
    fields = {"status": status, "milliseconds": round(seconds * 1000, 2)}
    log.log(_level(path), "%s", _event(method, path), extra=fields)


class AccessLines:
    """Writes what `log_access` would have written as JSON.

    At the end of this turn of the event loop, and no sooner than PAUSE after the last write.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._waiting: list[tuple[int, str, str, int, float, str]] = []
        self._next = 0.0
        atexit.register(self.write)

    def __call__(
        self, method: str, path: str, status: int, seconds: float, request_id: str
    ) -> None:
        level = _level(path)
        if log.isEnabledFor(level):
            if not self._waiting:
                self._write_soon(asyncio.get_running_loop())
            self._waiting.append((level, method, path, status, seconds, request_id))

    def _write_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        if now < self._next:
            loop.call_at(self._next, self.write)
            self._next += PAUSE
        else:
            loop.call_soon(self.write)
            self._next = now + PAUSE

    def write(self) -> None:
        """What waits, at once; where nobody takes it, it is lost."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        now = this_moment()
        lines = [
            f'{{"event": {_in_quotes(method, path)}, "level": "{_NAMES[level]}",'
            f' "logger": "smart_crm.access", "timestamp": "{now}", "request_id": "{request_id}",'
            f' "status": {status}, "milliseconds": {_hundredths(int(seconds * 100_000))}}}\n'
            for level, method, path, status, seconds, request_id in waiting
        ]
        with suppress(OSError):
            self._out.write("".join(lines))
            self._out.flush()


_NAMES = {logging.DEBUG: "debug", logging.INFO: "info"}


def _level(path: str) -> int:
    return logging.DEBUG if path.startswith("/health/") else logging.INFO


def _event(method: str, path: str) -> str:
    """As a log may show it: nothing in the path starts another line."""
    return f"{method} {path if path.isprintable() else ascii(path)}"


def _in_quotes(method: str, path: str) -> str:
    told = _quoted(f"{method} {path}")
    # it has grown by what was escaped, besides the quotes and the blank
    is_plain = len(told) == len(method) + len(path) + 3
    return told if is_plain else _quoted(_event(method, path))


@lru_cache(1024)
def _hundredths(count: int) -> str:
    """As a number, at a tenth of the cost of formatting one."""
    return str(count / 100)
