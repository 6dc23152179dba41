"""What stands around each paid call: the day's budget, and the rate of all workers together.

The worst that a call can cost is reserved before it and settled after it, each in a transaction
of its own. Our own limits are no fault of a run: where they are hit, no attempt is burnt.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from application.in_batches import InBatches
from application.ports import Clock, Ids, RateLimit, UnitsOfWork
from domain.budget import DailyCaps, Price, Reservation, Settlement, day_of, end_of, paid
from domain.errors import DatabaseUnavailable, FailureType, SummarizerFailed
from domain.insight import Usage

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=10)
"""How long a call waits in its place; who would wait longer gives the run back."""
SHORTEST_WAIT = timedelta(milliseconds=20)
"""Those who wait for the same moment do not all ask again and again."""


@dataclass(eq=False, slots=True)
class Spending:
    """`prices` by the model's name; without one, calls are counted, but not their cost.

    All change the day's one row: who comes at the same time changes it together.
    """

    unit_of_work: UnitsOfWork
    clock: Clock
    prices: Mapping[str, Price]
    caps: DailyCaps
    _reserve: InBatches[Reservation, bool] = field(init=False)
    _settle: InBatches[tuple[Reservation, Settlement], None] = field(init=False)
    _release: InBatches[Reservation, None] = field(init=False)

    def __post_init__(self) -> None:
        self._reserve = InBatches(self._reserve_all)
        self._settle = InBatches(self._settle_all)
        self._release = InBatches(self._release_all)

    async def reserve(self, provider: str, model: str, worst: Usage) -> Reservation:
        """Room for one call; SummarizerFailed if today has none for it, or if nobody can tell."""
        price = self.prices.get(model)
        if price is None and self.caps.micros is not None:
            raise _refused(FailureType.QUOTA, "a day's cost is capped, and the model has no price")
        now = self.clock.now()
        reservation = Reservation(
            day=day_of(now),
            provider=provider,
            model=model,
            worst=worst,
            micros=self.worst_micros(model, worst),
        )
        try:
            has_room = await self._reserve(reservation)
        except DatabaseUnavailable as error:
            raise _refused(FailureType.INTERNAL, "the day's budget cannot be read") from error
        if not has_room:
            until_midnight = end_of(reservation.day) - now
            raise _refused(FailureType.QUOTA, "the day's budget is used up", until_midnight)
        return reservation

    def cost_of(self, model: str, usage: Usage) -> int | None:
        """In micros; None where the model has no price."""
        price = self.prices.get(model)
        return price.cost(usage) if price else None

    def worst_micros(self, model: str, worst: Usage) -> int:
        """What such a call may cost at most; 0 where the model has no price."""
        return self.cost_of(model, worst) or 0

    async def settle(
        self, reservation: Reservation, usage: Usage, failure: FailureType | None = None
    ) -> int | None:
        """Count what the call took; its cost in micros, None where the model has no price.

        Never raises DatabaseUnavailable: an answer that was paid for is worth more than its
        bill, and what is not settled stays counted at its worst.
        """
        usage = paid(usage, reservation.worst, failure)
        cost = self.cost_of(reservation.model, usage)
        settlement = Settlement(usage=usage, micros=cost or 0, failed=failure is not None)
        try:
            await self._settle((reservation, settlement))
        except DatabaseUnavailable:
            log.warning("a call stays counted at its worst", extra={"model": reservation.model})
        return cost

    async def release(self, reservation: Reservation) -> None:
        """The call was never made; never raises DatabaseUnavailable either."""
        try:
            await self._release(reservation)
        except DatabaseUnavailable:
            log.warning("a call stays counted at its worst", extra={"model": reservation.model})

    async def _reserve_all(self, reservations: Sequence[Reservation]) -> Sequence[bool]:
        async with self.unit_of_work() as work:
            return await work.ai_budget.reserve_all(reservations, self.caps)

    async def _settle_all(
        self, settled: Sequence[tuple[Reservation, Settlement]]
    ) -> Sequence[None]:
        async with self.unit_of_work() as work:
            await work.ai_budget.settle_all(settled)
        return [None] * len(settled)

    async def _release_all(self, reservations: Sequence[Reservation]) -> Sequence[None]:
        async with self.unit_of_work() as work:
            await work.ai_budget.release_all(reservations)
        return [None] * len(reservations)


@dataclass(frozen=True, slots=True)
class Throttle:
    """Holds a call back until the rate allows it."""

    rate_limit: RateLimit
    ids: Ids
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def begin(self) -> UUID:
        """The call, when it may be made; SummarizerFailed if it would wait for too long."""
        call, waited = self.ids.new(), timedelta(0)
        while (left := await self.rate_limit.begin(call)) is not None:
            left = max(left, SHORTEST_WAIT)
            if waited + left > PATIENCE:
                raise _refused(FailureType.QUOTA, "no call is allowed for now", left)
            await self.sleep(left.total_seconds())
            waited += left
        return call

    async def end(self, call: UUID) -> None:
        """To be told of each call that may have been made, whichever way it ended."""
        await self.rate_limit.end(call)


def _refused(
    type: FailureType, detail: str, retry_after: timedelta | None = None
) -> SummarizerFailed:
    return SummarizerFailed(type, detail, retry_after=retry_after, burns_attempt=False)
