"""The access log's short way to a line: as any other line, and no write more than needed."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest

from entrypoints.access_log import PAUSE, AccessLines, log_access
from entrypoints.log_lines import Lines, as_json
from entrypoints.request_id import REQUEST_ID


class Counted(io.StringIO):
    writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)


class Closed(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


@pytest.fixture(autouse=True)
def level() -> Iterator[logging.Logger]:
    """Of the access log, set back at the end."""
    log = logging.getLogger("smart_crm.access")
    before = log.level
    log.setLevel(logging.DEBUG)
    yield log
    log.setLevel(before)


def by_logging(method: str, path: str, status: int, seconds: float) -> dict[str, object]:
    log, out = logging.getLogger("smart_crm.access"), io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Lines(as_json))
    log.addHandler(handler)
    token = REQUEST_ID.set("r1")
    try:
        log_access(method, path, status, seconds, "r1")
    finally:
        REQUEST_ID.reset(token)
        log.removeHandler(handler)
    return line(out)


def line(out: io.StringIO) -> dict[str, object]:
    found: dict[str, object] = json.loads(out.getvalue())
    assert out.getvalue().count("\n") == 1
    assert str(found.pop("timestamp")).endswith("Z")
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/leads",
        '/a"b\\c',
        "/leads/\nforged",
        "/caf\u00e9/\U0001f980",
        "/\u2028\x7f",
        "/health/live",
        "",
    ],
)
async def test_a_line_is_that_of_any_other_event(path: str) -> None:
    out = io.StringIO()

    AccessLines(out)("GET", path, 404, 0.01234, "r1")
    await asyncio.sleep(0)

    assert line(out) == by_logging("GET", path, 404, 0.01234)
    assert list(line(out)) == list(by_logging("GET", path, 404, 0.01234))


async def test_the_answers_of_one_turn_are_written_at_once() -> None:
    out = Counted()
    access = AccessLines(out)

    for n in range(50):
        access("GET", f"/leads/{n}", 200, 0.001, "r1")
    await asyncio.sleep(0)

    assert out.writes == 1
    told = [json.loads(line)["event"] for line in out.getvalue().splitlines()]
    assert told == [f"GET /leads/{n}" for n in range(50)]


async def test_what_comes_right_after_a_write_waits_for_the_next() -> None:
    out = Counted()
    access = AccessLines(out)
    access("GET", "/leads/1", 200, 0.001, "r1")
    await asyncio.sleep(0)

    for n in range(50):
        access("GET", f"/leads/{n}", 200, 0.001, "r1")
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        while out.getvalue().count("\n") < 51:
            await asyncio.sleep(PAUSE)

    assert out.writes < 25


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (logging.DEBUG, ["GET /leads", "GET /health/live"]),
        (logging.INFO, ["GET /leads"]),
        (logging.WARNING, []),
    ],
)
async def test_the_level_is_respected(level: logging.Logger, at: int, told: list[str]) -> None:
    level.setLevel(at)
    out = io.StringIO()
    access = AccessLines(out)

    access("GET", "/leads", 200, 0.001, "r1")
    access("GET", "/health/live", 200, 0.001, "r1")
    await asyncio.sleep(0)

    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == told


async def test_a_log_that_nobody_takes_stops_nothing() -> None:
    access = AccessLines(Closed())

    access("GET", "/leads", 200, 0.001, "r1")
    access.write()
    access("GET", "/leads", 200, 0.001, "r1")
    access.write()
