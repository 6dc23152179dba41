"""What every long-running process needs: logs, and a word when it is told to stop."""

import asyncio
import logging
import signal
import sys
import traceback
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import structlog

from entrypoints.access_log import AccessLines, AccessLog, log_access
from entrypoints.request_id import REQUEST_ID
from entrypoints.settings import Settings

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


def configure_logging(settings: Settings) -> None:
    """One line per event on stderr: JSON, or for people where a terminal is attached."""
    console, as_json = structlog.dev.ConsoleRenderer, structlog.processors.JSONRenderer
    renderer = as_json() if _in_json(settings) else console()
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _with_request_id,
                _with_extra,
                _with_where_it_broke,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
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


def _with_request_id(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of the request in whose task it was logged."""
    if (request_id := REQUEST_ID.get()) is not None:
        event["request_id"] = request_id
    return event


def _with_extra(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take over what a call passed as `extra=`."""
    record = event.get("_record")
    if record is not None:
        event.update({k: v for k, v in vars(record).items() if k not in _STANDARD and k[0] != "_"})
    return event


def _with_where_it_broke(_: Any, __: str, event: MutableMapping[str, Any]) -> Any:
    """Types and places of an exception and its causes; messages may quote a lead."""
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    told = []
    while isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        told.append({"type": type(error).__qualname__, "at": places})
        error = error.__cause__ or error.__context__
    if told:
        event["exception"] = told
    return event


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
