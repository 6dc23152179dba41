"""The doorbell on SAQ and Redis: a job says only that there is work, never what it is."""

import asyncio
import logging
import time
from collections import defaultdict
from contextlib import suppress
from datetime import timedelta

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from saq import Job
from saq.queue.redis import ID_PREFIX, PubSubMultiplexer, RedisQueue

from application.ports import Bell, JobQueue, Probe

log = logging.getLogger(__name__)

BELL_SECONDS = 60
"""How long a bell may ring before SAQ takes it for stuck."""
QUIET_SECONDS = 10.0
"""One line in the log per this time, however often Redis fails."""
PAUSE_SECONDS = 1.0
"""Between two attempts to reach a Redis that is away."""
IDLE_SECONDS = 5.0
"""Redis answers a worker after this time even if no bell was rung."""
ANSWER_SECONDS = 5.0
"""A connection on which that answer is later than this is given up."""


class _Listener(PubSubMultiplexer):
    """SAQ's own goes on for ever if it is cancelled just as its connection breaks."""

    async def _start(self) -> None:
        await self.pubsub.psubscribe(f"{self.prefix}*")
        # whoever closes it cancels its task, and forgets it
        while self._daemon_task is asyncio.current_task():
            try:
                message = await self.pubsub.get_message(timeout=None)
            except (RedisError, OSError):
                await asyncio.sleep(IDLE_SECONDS)
                continue
            if message and message["type"] == "pmessage":
                message["channel"] = message["channel"].decode("utf-8")
                self.publish(message["channel"], message)


class PatientQueue(RedisQueue):
    """A SAQ queue whose worker waits, and says so, where SAQ's own would spin in silence."""

    _told_at = -QUIET_SECONDS

    async def dequeue(self, timeout: float = 0.0, poll_interval: float = 0.0) -> Job | None:  # noqa: ASYNC109
        idle = timeout or IDLE_SECONDS
        try:
            async with asyncio.timeout(idle + ANSWER_SECONDS):
                return await super().dequeue(idle, poll_interval=poll_interval)
        except (RedisError, OSError) as error:
            if time.monotonic() - self._told_at > QUIET_SECONDS:
                self._told_at = time.monotonic()
                log.warning("the queue is away", extra={"reason": type(error).__name__})
            await asyncio.sleep(PAUSE_SECONDS)
            return None


class SaqJobQueue(JobQueue, Probe):
    """`deadline` bounds a ring, whatever state Redis is in.

    Whoever rings while a ring is on its way shares the next one with all who do: the one that is
    on its way may be heard before their work is there.
    """

    def __init__(
        self, url: str, name: str = "crm", deadline: timedelta = timedelta(milliseconds=80)
    ) -> None:
        client = redis.asyncio.Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=2.0,
            # a connection is made at the cost of a ring
            driver_info=None,
            # saq waits without end, at a stop too, for the answer to a job that it puts back
            socket_timeout=IDLE_SECONDS + ANSWER_SECONDS,
        )
        self.queue = PatientQueue(client, name=name)
        self.queue._pubsub = _Listener(client.pubsub(), prefix=f"{ID_PREFIX}{name}")
        self._deadline = deadline.total_seconds()
        self._told_at = -QUIET_SECONDS
        self._waiting = defaultdict[Bell, "list[asyncio.Future[bool]]"](list)
        self._ringing: dict[Bell, asyncio.Task[None]] = {}

    async def ring(self, bell: Bell) -> bool:
        loop = asyncio.get_running_loop()
        told: asyncio.Future[bool] = loop.create_future()
        self._waiting[bell].append(told)
        if bell not in self._ringing:
            self._ringing[bell] = loop.create_task(self._ring_for_all(bell))
        return await told

    async def _ring_for_all(self, bell: Bell) -> None:
        while waiting := self._waiting.pop(bell, None):
            rung = False
            try:
                rung = await self._rung(bell)
            except Exception:
                log.exception("a bell broke")
            for told in waiting:
                if not told.done():
                    told.set_result(rung)
        del self._ringing[bell]

    async def _rung(self, bell: Bell) -> bool:
        try:
            async with asyncio.timeout(self._deadline):
                await self.queue.enqueue(
                    bell.value, retries=1, timeout=BELL_SECONDS, ttl=BELL_SECONDS
                )
        except (RedisError, OSError, TimeoutError) as error:
            if time.monotonic() - self._told_at > QUIET_SECONDS:
                self._told_at = time.monotonic()
                log.warning("a bell could not be rung", extra={"reason": type(error).__name__})
            return False
        return True

    async def ping(self) -> None:
        async with asyncio.timeout(self._deadline):
            await self.queue.redis.get(self.queue.name)

    async def close(self) -> None:
        # each is over by its deadline
        await asyncio.gather(*self._ringing.values())
        # there is nothing to take leave of where Redis is away
        with suppress(RedisError, OSError):
            async with asyncio.timeout(self._deadline):
                await self.queue.disconnect()
