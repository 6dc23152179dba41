"""What many ask for at one moment is asked for once, in as few statements as are on their way."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Generic, TypeVar

from domain.errors import DatabaseUnavailable

K = TypeVar("K")
V = TypeVar("V")

MOST = 100
"""How many keys go into one statement."""
SLOW_SECONDS = 1.0
"""Whoever waited behind a statement that failed so late has waited for long enough."""


class Together(Generic[K, V]):
    """`ask` gets keys and finds their values, up to `at_once` times at once.

    A key is asked for after it was given here, and so is never answered with what stood before.
    """

    def __init__(
        self, ask: Callable[[Collection[K]], Awaitable[Mapping[K, V]]], at_once: int
    ) -> None:
        self._ask = ask
        self._at_once = at_once
        self._waiting: deque[tuple[K, asyncio.Future[V | None]]] = deque()
        self._asking: set[asyncio.Task[None]] = set()

    def find(self, key: K) -> "asyncio.Future[V | None]":
        """None if there is none; what `ask` raises goes to all whom it was asked for."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[V | None] = loop.create_future()
        self._waiting.append((key, answer))
        if len(self._asking) < self._at_once:
            asking = loop.create_task(self._ask_for_all())
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)
        return answer

    async def _ask_for_all(self) -> None:
        while self._waiting:
            asked = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            began = asyncio.get_running_loop().time()
            try:
                found = await self._ask({key for key, _ in asked})
            except Exception as error:  # noqa: BLE001 - each who asked is told
                _tell(error, asked)
                self._give_up_waiting(error, began)
            else:
                for key, answer in asked:
                    if not answer.done():
                        answer.set_result(found.get(key))

    def _give_up_waiting(self, error: Exception, began: float) -> None:
        took = asyncio.get_running_loop().time() - began
        if isinstance(error, DatabaseUnavailable) and took > SLOW_SECONDS:
            _tell(error, self._waiting)
            self._waiting.clear()


def _tell(error: Exception, asked: Collection[tuple[K, "asyncio.Future[V | None]"]]) -> None:
    for _, answer in asked:
        if not answer.done():
            answer.set_exception(error)
