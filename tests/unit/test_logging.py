"""Logs: a line per event, and nothing personal in them, not even from an exception."""

import io
import json
import logging

import pytest

from entrypoints.process import OncePer, configure_logging
from entrypoints.settings import load


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What is logged, as JSON."""
    root, written = logging.getLogger(), io.StringIO()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setattr("sys.stderr", written)
    configure_logging(load({"CRM_LOG_FORMAT": "json"}))
    return written


def test_what_a_call_passes_along_stands_in_the_line(lines: io.StringIO) -> None:
    logging.getLogger("x").warning("a sync failed", extra={"run": "7"})

    line = json.loads(lines.getvalue())
    assert (line["event"], line["level"], line["run"]) == ("a sync failed", "warning", "7")


def test_an_exception_is_told_by_type_and_place_only(lines: io.StringIO) -> None:
    def break_with(text: str) -> None:
        try:
            int(text)
        except ValueError as error:
            raise RuntimeError(f"no good: {text}") from error

    try:
        break_with("ada@example.com")
    except RuntimeError:
        logging.getLogger("x").exception("a run broke")

    told = lines.getvalue()
    assert [error["type"] for error in json.loads(told)["exception"]] == [
        "RuntimeError",
        "ValueError",
    ]
    assert "test_logging.py" in told
    assert "ada@" not in told


def test_a_message_that_is_repeated_passes_once_per_while() -> None:
    sparse = OncePer(seconds=10)

    def passes(message: str, at: float) -> bool:
        record = logging.makeLogRecord({"msg": message, "created": at})
        return sparse.filter(record)

    assert [passes("away", at) for at in (100, 101, 109.9, 110)] == [True, False, False, True]
    assert passes("back", 101)
