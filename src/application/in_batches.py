"""Do together what many ask for at the same time, as one transaction for all of them.

While one batch is under way, the next one gathers: the busier it is, the larger they are, and who
comes alone does not wait for anybody. However many ask, one connection to the database serves.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from domain.errors import CrmError

A = TypeVar("A")
B = TypeVar("B")
Asked: TypeAlias = tuple[A, asyncio.Future[B]]

LARGEST = 100
"""Longer batches would hold locks, and the event loop, for longer than others like to wait."""
PATIENCE_SECONDS = 1.0
"""Whoever waited behind others for so long, and they failed, has waited for long enough."""


@dataclass(eq=False, slots=True)
class InBatches(Generic[A, B]):
    """`work` gets what was asked for, in its order, and gives an outcome for each.

    A CrmError, as an outage, is everybody's. If it raises anything else, it is asked for each
    alone, so that one that breaks costs nobody else: it is to leave nothing behind when it raises.
    An outage that took longer than `patience` seconds is also that of whoever waited behind it.
    """

    work: Callable[[Sequence[A]], Awaitable[Sequence[B]]]
    largest: int = LARGEST
    patience: float = math.inf
    _asked: list[Asked[A, B]] = field(default_factory=list, init=False)
    _working: "asyncio.Task[None] | None" = field(default=None, init=False)

    async def __call__(self, item: A) -> B:
        """The outcome of this one; what `work` raises."""
        told: asyncio.Future[B] = asyncio.get_running_loop().create_future()
        self._asked.append((item, told))
        if self._working is None or self._working.done():
            # a task of its own, as whoever asks may be cancelled, and the others may not
            self._working = asyncio.create_task(self._work_off())
        return await told

    async def _work_off(self) -> None:
        while self._asked:
            batch, self._asked = self._asked[: self.largest], self._asked[self.largest :]
            await self._tell([each for each in batch if not each[1].done()])

    async def _tell(self, batch: Sequence[Asked[A, B]]) -> None:
        if not batch:
            return
        began = time.monotonic()
        try:
            outcomes = await self.work([item for item, _ in batch])
        except CrmError as error:
            _fail(batch, error)
            if time.monotonic() - began > self.patience:
                waiting, self._asked = self._asked, []
                _fail(waiting, error)
        except Exception as error:  # noqa: BLE001 - whoever asked is told
            if len(batch) == 1:
                _fail(batch, error)
                return
            for each in batch:
                await self._tell([each])
        else:
            for (_, told), outcome in zip(batch, outcomes, strict=True):
                if not told.done():
                    told.set_result(outcome)


def _fail(batch: Sequence[Asked[A, B]], error: Exception) -> None:
    for _, told in batch:
        if not told.done():
            told.set_exception(error)
