"""Bare Redis GETs, as a pool of connections takes them and as one multiplexed connection does."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import cast
from urllib.parse import urlsplit

import redis.asyncio

KEY = "bench:hot"
VALUE = b"x" * 500
_COMMAND = f"*2\r\n$3\r\nGET\r\n${len(KEY)}\r\n{KEY}\r\n".encode()
_REPLY = f"${len(VALUE)}\r\n".encode() + VALUE + b"\r\n"


async def by_pool(url: str, at_once: int, seconds: float) -> float:
    """GETs a second by redis-py, each of which takes a connection of its pool."""
    async with redis.asyncio.Redis.from_url(url) as client:
        await client.set(KEY, VALUE)
        return await _rate(lambda: client.get(KEY), at_once, seconds)


async def multiplexed(url: str, at_once: int, seconds: float) -> float:
    """GETs a second on one socket; those of one turn of the loop are written together."""
    where = urlsplit(url)
    loop = asyncio.get_running_loop()
    transport, line = await loop.create_connection(Line, where.hostname or "", where.port or 0)
    try:
        return await _rate(line.get, at_once, seconds)
    finally:
        transport.close()


class Line(asyncio.Protocol):
    """Knows one command and its one reply, so that parsing costs nothing."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[bytes]] = deque()
        self._commands: list[bytes] = []
        self._received = 0
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def get(self) -> Awaitable[bytes]:
        if not self._commands:
            self._loop.call_soon(self._flush)
        self._commands.append(_COMMAND)
        answer = self._loop.create_future()
        self._waiting.append(answer)
        return answer

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        replies, self._received = divmod(self._received, len(_REPLY))
        for _ in range(replies):
            self._waiting.popleft().set_result(VALUE)

    def _flush(self) -> None:
        self._transport.write(b"".join(self._commands))
        self._commands.clear()


async def _rate(get: Callable[[], Awaitable[object]], at_once: int, seconds: float) -> float:
    began = time.perf_counter()
    done = 0

    async def one_after_the_other() -> None:
        nonlocal done
        while time.perf_counter() - began < seconds:
            await get()
            done += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_the_other())
    return done / (time.perf_counter() - began)
