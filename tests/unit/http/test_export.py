"""Exports over a system in memory, and what becomes of one that cannot be completed."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

import pytest

from domain.errors import DatabaseUnavailable, TooManyExports
from entrypoints.http.download import Download
from entrypoints.http.places import Places
from tests.contracts.http_export import HttpExportContract


class TestExportInMemory(HttpExportContract):
    pass


class Reader:
    """Takes an answer like a server, and may go away."""

    def __init__(self) -> None:
        self.got: list[MutableMapping[str, Any]] = []
        self.left = asyncio.Event()

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.got.append(message)

    @property
    def has_the_end(self) -> bool:
        return self.got[-1]["type"] == "http.response.body" and not self.got[-1]["more_body"]


@pytest.fixture
def reader() -> Reader:
    return Reader()


async def download(rest: AsyncGenerator[bytes, None], reader: Reader) -> None:
    told = Download(b"first", rest, {"content-type": "text/csv"}, asyncio.Event())
    await asyncio.wait_for(told({"type": "http"}, reader.receive, reader.send), 5)  # type: ignore[arg-type]


async def test_a_download_that_is_complete_has_its_end(reader: Reader) -> None:
    async def rest() -> AsyncGenerator[bytes, None]:
        yield b"second"

    await download(rest(), reader)

    assert reader.has_the_end
    assert b"".join(message.get("body", b"") for message in reader.got) == b"firstsecond"


@pytest.mark.parametrize("error", [DatabaseUnavailable("away"), RuntimeError("a defect")])
async def test_a_download_that_fails_on_its_way_never_gets_its_end(
    reader: Reader, error: Exception
) -> None:
    async def rest() -> AsyncGenerator[bytes, None]:
        yield b"second"
        raise error

    try:
        await download(rest(), reader)
    except RuntimeError:
        assert isinstance(error, RuntimeError)

    assert not reader.has_the_end


async def test_the_work_ends_when_the_reader_goes_away(reader: Reader) -> None:
    ended = asyncio.Event()

    async def rest() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                reader.left.set()
                yield b"more"
                await asyncio.sleep(0)
        finally:
            ended.set()

    await download(rest(), reader)

    assert ended.is_set()
    assert not reader.has_the_end


async def test_a_reader_who_takes_nothing_is_given_up(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rest() -> AsyncGenerator[bytes, None]:
        yield b"second"
        await asyncio.Event().wait()

    async def take_the_first_only(message: Any) -> None:
        reader.got.append(message)
        if message.get("body") == b"second":
            await asyncio.Event().wait()

    monkeypatch.setattr("entrypoints.http.download.STALLED_SECONDS", 0.01)
    monkeypatch.setattr(reader, "send", take_the_first_only)
    await download(rest(), reader)

    assert not reader.has_the_end


def test_no_more_exports_run_at_once_than_there_are_places() -> None:
    exports = Places(1, TooManyExports)

    with exports.place():
        with pytest.raises(TooManyExports), exports.place():
            pass
        assert exports.running == 1

    with exports.place():
        pass
