"""One socket that many share: commands of one turn go out together, replies come in their order."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import hiredis
from redis.exceptions import BusyLoadingError, NoScriptError, ResponseError

NOTHING_YET = object()
Reply: TypeAlias = "asyncio.Future[Any]"
Pushed: TypeAlias = Callable[[Sequence[Any]], None]


class Wire(asyncio.Protocol):
    """Takes a transport over after its handshake.

    `pushed` gets what the server says unasked, in order with the replies. A reply for which
    nobody waits any more is dropped; a wire on which anything else is heard is closed whole.
    """

    def __init__(
        self, writer: asyncio.StreamWriter, pushed: Pushed, lost: Callable[["Wire"], None]
    ) -> None:
        # kept, as a writer that nobody holds closes its transport
        self._writer = writer
        self._transport = writer.transport
        self._loop = asyncio.get_running_loop()
        self._pushed = pushed
        self._lost = lost
        self._reader = hiredis.Reader(notEnoughData=NOTHING_YET, replyError=_refusal)
        self._unsent: list[bytes] = []
        self._waiting: deque[Reply] = deque()
        self._sent = self._answered = 0
        self._flights: deque[tuple[int, float]] = deque()
        self._heard_at = time.monotonic()
        self.current_since = 0.0
        """When the newest command that was answered was sent: all that the server had pushed by
        then has been handed on."""
        self._transport.set_protocol(self)

    def send(self, packed: bytes, reply: Reply) -> None:
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(packed)
        self._waiting.append(reply)

    def silent_for(self) -> float:
        """Seconds for which nothing was heard although something was asked."""
        if not self._flights:
            return 0.0
        return time.monotonic() - max(self._heard_at, self._flights[0][1])

    def abort(self) -> None:
        """From now on nothing is heard on it, and whoever waits is told so."""
        self._transport.abort()
        self.connection_lost(None)

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not NOTHING_YET:
                self._hand_on(reply)
        except (hiredis.ProtocolError, IndexError):
            self.abort()
            return
        self._heard_at = time.monotonic()
        while self._flights and self._flights[0][0] <= self._answered:
            self.current_since = self._flights.popleft()[1]

    def connection_lost(self, exc: Exception | None) -> None:
        """Called twice where it was aborted."""
        self._unsent.clear()
        for reply in self._waiting:
            if not reply.done():
                reply.set_exception(ConnectionError(f"lost: {type(exc).__name__}"))
        self._waiting.clear()
        self._flights.clear()
        self._lost(self)

    def _flush(self) -> None:
        if not self._unsent:
            return
        self._sent += len(self._unsent)
        self._flights.append((self._sent, time.monotonic()))
        self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def _hand_on(self, reply: Any) -> None:
        if isinstance(reply, hiredis.PushNotification):
            self._pushed(reply)
            return
        asked = self._waiting.popleft()
        self._answered += 1
        if asked.done():
            return
        if isinstance(reply, Exception):
            asked.set_exception(reply)
        else:
            asked.set_result(reply)


def _refusal(message: str) -> Exception:
    kinds = {"LOADING": BusyLoadingError, "NOSCRIPT": NoScriptError}
    return kinds.get(message.partition(" ")[0], ResponseError)(message)
