"""Logs: a line per event, and nothing personal in them, not even from an exception."""

import io
import json
import logging
from dataclasses import replace

import pytest

from entrypoints.http import docs
from entrypoints.http.app import API
from entrypoints.process import OncePer, configure_logging
from entrypoints.settings import load
from tests.bad_requests import NOBODY
from tests.systems import a_client, a_system


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


async def test_every_line_of_a_request_carries_its_id(lines: io.StringIO) -> None:
    async with a_system() as system:
        crm = replace(system.crm, get_lead=broken)  # type: ignore[arg-type]
        async with a_client(replace(system, crm=crm)) as client:
            await client.get(f"/leads/{NOBODY}", headers={"x-request-id": "r1"})

    ours = [json.loads(line) for line in lines.getvalue().splitlines() if "httpx" not in line]
    assert [line["event"] for line in ours] == [
        "a request failed unexpectedly",
        f"GET /leads/{NOBODY}",
    ]
    assert {line["request_id"] for line in ours} == {"r1"}


async def broken(_: object) -> None:
    raise RuntimeError


async def test_the_docs_leave_the_logs_as_they_are(lines: io.StringIO) -> None:
    handlers = list(logging.getLogger().handlers)

    docs.describe(API, [])

    assert logging.getLogger().handlers == handlers
