"""Logs: a line per event, and nothing personal in them, not even from an exception."""

import json
import logging

import pytest

from entrypoints.process import configure_logging
from entrypoints.settings import load


@pytest.fixture(autouse=True)
def _json_logs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    configure_logging(load({"CRM_LOG_FORMAT": "json"}))


def test_what_a_call_passes_along_stands_in_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("x").warning("a sync failed", extra={"run": "7"})

    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["run"]) == ("a sync failed", "warning", "7")


def test_an_exception_is_told_by_type_and_place_only(capsys: pytest.CaptureFixture[str]) -> None:
    def break_with(text: str) -> None:
        try:
            int(text)
        except ValueError as error:
            raise RuntimeError(f"no good: {text}") from error

    try:
        break_with("ada@example.com")
    except RuntimeError:
        logging.getLogger("x").exception("a run broke")

    told = capsys.readouterr().err
    assert [error["type"] for error in json.loads(told)["exception"]] == [
        "RuntimeError",
        "ValueError",
    ]
    assert "test_logging.py" in told
    assert "ada@" not in told
