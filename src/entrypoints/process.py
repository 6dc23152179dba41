"""What every long-running process needs: logs, and a word when it is told to stop."""

import asyncio
import logging
import signal
import sys
from datetime import timedelta

from entrypoints.access_log import AccessLines, AccessLog, log_access
from entrypoints.log_lines import Lines, as_json, for_people
from entrypoints.settings import Settings


def configure_logging(settings: Settings) -> None:
    """One line per event on stderr: JSON, or for people where a terminal is attached."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(as_json if _in_json(settings) else for_people()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for repetitive in ("saq", "application.worker", "application.run_watch"):
        logging.getLogger(repetitive).addFilter(OncePer(seconds=10))
    for chatty in ("httpx", "httpx2", "httpcore", "google_genai", "_granian", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # it warns at every stop that its endless tasks did not end by themselves
    logging.getLogger("saq").setLevel(logging.ERROR)


def access_log(settings: Settings) -> AccessLog:
    """What tells of each answer, in the form of the other lines."""
    return AccessLines(sys.stderr) if _in_json(settings) else log_access


def _in_json(settings: Settings) -> bool:
    return (settings.log_format or ("console" if sys.stderr.isatty() else "json")) == "json"


class OncePer(logging.Filter):
    """Lets a message about one thing pass once per so many seconds, however often it comes."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._last: dict[object, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        key = (record.msg, vars(record).get("run"))
        if record.created - self._last.get(key, -self._seconds) < self._seconds:
            return False
        self._last = {k: at for k, at in self._last.items() if record.created - at < self._seconds}
        self._last[key] = record.created
        return True


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


def drain_on_signals(drain: timedelta) -> tuple[asyncio.Event, asyncio.Event]:
    """An event that a signal sets at once, and one that SIGTERM sets `drain` later.

    SIGINT comes from a person at a terminal, behind whom no balancer stands: it waits for nothing.
    """
    draining, stopping, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()

    def terminate() -> None:
        draining.set()
        loop.call_later(drain.total_seconds(), stopping.set)

    def interrupt() -> None:
        draining.set()
        stopping.set()

    loop.add_signal_handler(signal.SIGTERM, terminate)
    loop.add_signal_handler(signal.SIGINT, interrupt)
    return draining, stopping
