"""One line that many share: nobody gets another's answer, and nobody suffers for another."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis.asyncio

from adapters.caches._line import Line
from adapters.caches._script import Script
from tests.engines.frozen import frozen
from tests.engines.redis import OwnRedis

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ECHO = Script("return ARGV[1]")


def later(seconds: float = 10) -> float:
    return time.monotonic() + seconds


@pytest.fixture
async def line(fresh_redis_url: str) -> AsyncIterator[Line]:
    line = Line(fresh_redis_url)
    yield line
    await line.close()


@asynccontextmanager
async def line_to(handler: Handler) -> AsyncIterator[Line]:
    """A line to a server of this test's own."""
    ended: list[asyncio.Task[Any] | None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(asyncio.current_task())
        await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1")
    line = Line(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
    yield line
    await line.close()
    await asyncio.gather(*(task for task in ended if task), return_exceptions=True)
    server.close()


async def test_a_crowd_shares_one_connection(line: Line, fresh_redis_url: str) -> None:
    client: Any = redis.asyncio.Redis.from_url(fresh_redis_url, client_name="counter")
    names = [connection["id"] for connection in await client.client_list()]

    said = await asyncio.gather(*(line.ask(later(), "ECHO", n) for n in range(500)))

    assert said == [str(n).encode() for n in range(500)]
    assert len(await client.client_list()) == len(names) + 1
    await client.aclose()


async def test_what_is_asked_in_one_turn_goes_out_together() -> None:
    chunks: list[int] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while asked := (await reader.read(65_536)).count(b"PING"):
            chunks.append(asked)
            writer.write(b"+PONG\r\n" * asked)

    async with line_to(answer) as line:
        await line.ask(later(), "PING")
        await asyncio.gather(*(line.ask(later(), "PING") for _ in range(50)))

    assert chunks == [1, 50]


async def test_who_goes_away_leaves_the_others_their_answers(own_redis: OwnRedis) -> None:
    line = Line(own_redis.url)
    await line.ask(later(), "PING")
    with frozen(own_redis):
        asked = [asyncio.ensure_future(line.ask(later(), "ECHO", n)) for n in range(3)]
        late = line.ask(later(0.01), "ECHO", "late")
        last = line.ask(later(), "ECHO", "last")
        await asyncio.sleep(0)
        asked[1].cancel()
        with pytest.raises(TimeoutError):
            await late

    assert [await asked[0], await asked[2], await last] == [b"0", b"2", b"last"]
    await line.close()


async def test_who_asks_while_it_connects_is_answered_too(line: Line) -> None:
    first = line.ask(later(), "ECHO", "a")
    await asyncio.sleep(0)

    second = await line.ask(later(), "ECHO", "b")

    assert (await first, second) == (b"a", b"b")


async def test_a_refusal_is_one_callers_own(line: Line) -> None:
    said = await asyncio.gather(
        line.ask(later(), "ECHO", "a"),
        line.ask(later(), "NONSENSE"),
        line.ask(later(), "ECHO", "b"),
        return_exceptions=True,
    )

    assert (said[0], said[2]) == (b"a", b"b")
    assert isinstance(said[1], redis.exceptions.ResponseError)


async def test_a_script_that_redis_forgot_is_sent_again(line: Line) -> None:
    first = await ECHO.run(line, later(), "key", "a")
    await line.ask(later(), "SCRIPT", "FLUSH")

    assert [first, await ECHO.run(line, later(), "key", "b")] == [b"a", b"b"]


async def test_it_greets_as_its_url_says(own_redis: OwnRedis) -> None:
    admin: Any = redis.asyncio.Redis.from_url(own_redis.url)
    await admin.config_set("requirepass", "secret")
    line = Line(f"redis://:secret@127.0.0.1:{own_redis.port}/3")
    stranger = Line(own_redis.url)

    with pytest.raises((redis.exceptions.RedisError, OSError)):
        await stranger.ask(later(), "PING")
    told = await line.ask(later(), "CLIENT", "INFO")

    assert b" db=3 " in told
    for part in (line, stranger):
        await part.close()
    await admin.aclose()


async def test_a_line_that_talks_nonsense_is_closed_whole_and_made_anew() -> None:
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.read(65_536):
            writer.write(b"+PONG\r\n" if connections > 1 else b"HTTP/1.1 200 OK\r\n\r\n")

    async with line_to(answer) as line:
        for _ in range(2):
            asked = [line.ask(later(), "PING") for _ in range(2 if connections == 0 else 1)]
            said = await asyncio.gather(*asked, return_exceptions=True)

    assert said == [b"PONG"]
    assert connections == 2


async def test_more_answers_than_questions_close_it() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            writer.write(b"+PONG\r\n+PONG\r\n")

    async with line_to(answer) as line:
        said = [await line.ask(later(), "PING") for _ in range(3)]

    assert said == [b"PONG"] * 3


async def test_a_silent_line_is_given_up_and_made_anew() -> None:
    """As after a failover behind a firewall that drops what it does not know."""
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        silent = connections == 1
        while await reader.read(65_536):
            if not silent:
                writer.write(b"+PONG\r\n")

    async with line_to(answer) as line:
        refused = 0
        async with asyncio.timeout(10):
            while True:
                try:
                    said = await line.ask(later(0.1), "PING")
                    break
                except (OSError, TimeoutError):
                    refused += 1

    assert said == b"PONG"
    assert refused >= 1
    assert connections == 2


async def test_a_line_is_closed_though_somebody_waits(own_redis: OwnRedis) -> None:
    line = Line(own_redis.url)
    await line.ask(later(), "PING")
    with frozen(own_redis):
        waiting = line.ask(later(), "PING")
        await asyncio.sleep(0)
        await line.close()

        with pytest.raises(OSError, match="lost"):
            await waiting


async def test_a_line_is_closed_though_it_is_still_connecting(own_redis: OwnRedis) -> None:
    line = Line(own_redis.url)
    with frozen(own_redis):
        waiting = line.ask(later(), "PING")
        await asyncio.sleep(0)
        await line.close()

        with pytest.raises(OSError, match="closed"):
            await waiting
