"""One line for each event that is logged, with nothing personal in it."""

import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

from entrypoints.request_id import REQUEST_ID

Event: TypeAlias = dict[str, Any]
Render: TypeAlias = Callable[[Event], str]

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class Lines(logging.Formatter):
    """What was said, when, by whom, in which request, and what a call passed as `extra=`."""

    def __init__(self, render: Render) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        event: Event = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": this_moment(),
        }
        if (request_id := REQUEST_ID.get()) is not None:
            event["request_id"] = request_id
        event |= {k: v for k, v in vars(record).items() if k not in _STANDARD and k[0] != "_"}
        if record.exc_info and (broken := _where_it_broke(record.exc_info[1])):
            event["exception"] = broken
        return self._render(event)


def this_moment() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def as_json(event: Event) -> str:
    return json.dumps(event, default=repr)


def for_people() -> Render:
    """In columns and colours."""
    from structlog.dev import ConsoleRenderer  # noqa: PLC0415 - takes long, and no server needs it

    console = ConsoleRenderer()
    return lambda event: str(console(None, "", event))


def _where_it_broke(error: BaseException | None) -> list[Event]:
    """Types and places of an exception and its causes; messages may quote a lead."""
    told: list[Event] = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        told.append({"type": type(error).__qualname__, "at": places})
        error = error.__cause__ or error.__context__
    return told
