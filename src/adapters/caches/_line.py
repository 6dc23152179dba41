"""A line to Redis that all callers share: it connects when it is needed, and anew when it broke."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any, TypeAlias

import hiredis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from adapters.caches._deadlines import Deadlines
from adapters.caches._watched import Changed
from adapters.caches._wire import Reply, Wire

log = logging.getLogger(__name__)

CONNECT_SECONDS = 1.0
SILENT_SECONDS = 0.5
"""A line that owes answers and says nothing for so long is given up; callers gave up before."""
Word: TypeAlias = "str | bytes | int"


class Line:
    """Nobody waits behind another: commands go out as they come, and each has its own deadline."""

    def __init__(self, url: str) -> None:
        self._pool: Any = redis.asyncio.ConnectionPool.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            # deadlines bound these too
            socket_timeout=None,
            socket_connect_timeout=None,
            driver_info=None,
        )
        self._changed: Changed | None = None
        self._tracked = False
        self._wire: Wire | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._parked: list[tuple[bytes, Reply]] = []
        self._asked: list[tuple[Reply, float]] = []
        self._asked_at = 0.0
        self._deadlines = Deadlines(self._check_silence)

    def ask(self, due: float, *command: Word) -> Reply:
        """What Redis says to it; RedisError, OSError, or TimeoutError when it is due.

        To cancel one caller's wait disturbs nobody else's.
        """
        reply: Reply = asyncio.get_running_loop().create_future()
        packed = hiredis.pack_command(command)  # type: ignore[arg-type] # its stub takes one word
        if self._wire is not None:
            if not self._asked:
                self._asked_at = time.monotonic()
                asyncio.get_running_loop().call_soon(self._watch_asked)
            self._asked.append((reply, due))
            self._wire.send(packed, reply)
            return reply
        self._parked.append((packed, reply))
        self._deadlines.watch(reply, due)
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())
        return reply

    def watch(self, changed: Changed) -> None:
        """Have the server tell, from the next connection on, which keys that were read changed.

        Any may have where everything was wiped, and where the connection broke.
        """
        self._changed = changed
        self._pool.connection_kwargs["protocol"] = 3

    def current_since(self) -> float:
        """A time of the monotonic clock: whatever changed in Redis before was told by now.

        0.0 where nobody can tell.
        """
        return self._wire.current_since if self._tracked and self._wire is not None else 0.0

    async def close(self) -> None:
        self._deadlines.close()
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        if self._wire is not None:
            self._wire.abort()

    def _watch_asked(self) -> None:
        """In the turn that sends them: a loop that was held up before has asked nobody yet."""
        held_up = time.monotonic() - self._asked_at
        for reply, due in self._asked:
            self._deadlines.watch(reply, due + held_up)
        self._asked.clear()

    async def _connect(self) -> None:
        reason = "closed"
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._wire = await self._opened()
        except (RedisError, OSError, TimeoutError) as error:
            reason = type(error).__name__
        finally:
            self._connecting = None
            self._serve_parked(reason)

    def _serve_parked(self, reason: str) -> None:
        parked, self._parked = self._parked, []
        for packed, reply in parked:
            if reply.done():
                continue
            if self._wire is not None:
                self._wire.send(packed, reply)
            else:
                reply.set_exception(ConnectionError(reason))

    async def _opened(self) -> Wire:
        """redis-py greets: TLS, AUTH, the database; what comes then is ours to read."""
        connection = self._pool.make_connection()
        try:
            await connection.connect()
            self._tracked = self._changed is not None and await _tracking(connection)
            return Wire(connection._writer, self._heard, self._lost)
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        finally:
            connection._reader = connection._writer = None

    def _heard(self, message: Sequence[Any]) -> None:
        if self._changed is not None and message[0] == b"invalidate":
            for key in message[1] or [None]:
                self._changed(key and key.decode("utf-8", "replace"))

    def _lost(self, wire: Wire) -> None:
        if self._wire is wire:
            self._wire = None
            if self._changed is not None:
                self._changed(None)

    def _check_silence(self) -> None:
        if self._wire is not None and self._wire.silent_for() > SILENT_SECONDS:
            self._wire.abort()


async def _tracking(connection: Any) -> bool:
    """Whether the server now tells of changes; it may be too old, or forbid it."""
    await connection.send_command("CLIENT", "TRACKING", "ON")
    try:
        await connection.read_response()
    except ResponseError as error:
        log.warning("the cache cannot tell of changes", extra={"reason": type(error).__name__})
        return False
    return True
