"""Answers that are made while they are sent: they come whole, or are seen to be cut off."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from litestar.types import Receive, Scope, Send

from domain.errors import CrmError

log = logging.getLogger(__name__)

LAST_SECONDS = 5.0
"""What may still be sent at a stop: less than the server waits for those under way."""
STALLED_SECONDS = 60.0
"""For one piece of a page to be taken: a reader that is so slow has left or is stuck."""


@dataclass(frozen=True, slots=True)
class Download:
    """An ASGI answer of unknown length: what is there already, and the rest in chunks.

    One that cannot be completed (the rest fails, the reader stalls, the process stops) lacks the
    end that chunked transfer has, and so does not look like a shorter file. The rest is closed at
    once when the reader goes away.
    """

    first: bytes
    rest: AsyncGenerator[bytes, None]
    headers: Mapping[str, str]
    draining: asyncio.Event

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        tasks = {
            name: asyncio.create_task(work)
            for name, work in {
                "sent": self._send(send),
                "the reader left": _left(receive),
                "the process stops": _stopped(self.draining),
            }.items()
        }
        try:
            await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
            ended = next(name for name, task in tasks.items() if task.done())
            if ended == "sent":
                tasks[ended].result()
            else:
                log.info("a download was cut off", extra={"reason": ended})
        except (CrmError, TimeoutError) as error:
            log.warning("a download was cut off", extra={"reason": str(error) or "it stalled"})
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
            await self.rest.aclose()

    async def _send(self, send: Send) -> None:
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _send_piece(send, self.first)
        async for chunk in self.rest:
            await _send_piece(send, chunk)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_piece(send: Send, piece: bytes) -> None:
    async with asyncio.timeout(STALLED_SECONDS):
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stopped(draining: asyncio.Event) -> None:
    await draining.wait()
    await asyncio.sleep(LAST_SECONDS)
