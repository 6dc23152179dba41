"""Budget and rate around each paid call, over the adapters in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.rate_limits.memory import MemoryRateLimit
from adapters.rate_limits.none import NoRateLimit
from adapters.system import UuidV7Ids
from application.ports import Clock, UnitOfWork
from application.read_ai_usage import ReadAiUsage
from application.spending import PATIENCE, SHORTEST_WAIT, Spending, Throttle
from domain.budget import DailyCaps, DayUsage, Price, Rate
from domain.errors import DatabaseUnavailable, FailureType, SummarizerFailed
from domain.insight import Usage

WORST, USED = Usage(1_000, 200), Usage(700, 50)
PRICES = {"flash": Price(1_000_000, 2_000_000)}
NO_CAPS = DailyCaps()
DAY = date(2026, 11, 24)


@dataclass
class MovableClock(Clock):
    time: datetime = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class Away:
    @asynccontextmanager
    async def __call__(self, *, reads_only: bool = False) -> AsyncIterator[UnitOfWork]:
        raise DatabaseUnavailable("away")
        yield


class Bench:
    def __init__(self, caps: DailyCaps = NO_CAPS) -> None:
        self.clock = MovableClock()
        self.database = MemoryDatabase(self.clock)
        self.spending = Spending(self.database, self.clock, PRICES, caps)

    async def usage(self, day: date = DAY) -> DayUsage:
        return (await ReadAiUsage(self.database, self.clock, NO_CAPS)(day)).usage

    async def refused(self, model: str = "flash") -> SummarizerFailed:
        with pytest.raises(SummarizerFailed) as refused:
            await self.spending.reserve("gemini", model, WORST)
        return refused.value


async def test_the_worst_is_counted_before_the_call_and_the_cost_after_it() -> None:
    bench = Bench()

    reservation = await bench.spending.reserve("gemini", "flash", WORST)
    before = await bench.usage()
    cost = await bench.spending.settle(reservation, USED)

    assert (before.calls, before.micros, before.reserved_micros) == (1, 0, 1_400)
    assert cost == 800
    after = await bench.usage()
    assert (after.calls, after.micros, after.reserved_micros) == (1, 800, 0)
    (flash,) = after.models
    assert (flash.input_tokens, flash.output_tokens, flash.failed) == (700, 50, 0)


@pytest.mark.parametrize(
    ("failure", "told", "cost"),
    [
        (None, Usage(), 1_400),
        (FailureType.TIMEOUT, Usage(), 1_400),
        (FailureType.SCHEMA, USED, 800),
        (FailureType.QUOTA, Usage(), 0),
    ],
)
async def test_what_nobody_tells_of_a_paid_call_is_counted_at_its_worst(
    failure: FailureType | None, told: Usage, cost: int
) -> None:
    bench = Bench()
    reservation = await bench.spending.reserve("gemini", "flash", WORST)

    assert await bench.spending.settle(reservation, told, failure) == cost

    after = await bench.usage()
    assert (after.calls, after.micros) == (1, cost)
    assert after.models[0].failed == (failure is not None)


async def test_a_day_that_is_used_up_says_until_when_and_burns_no_attempt() -> None:
    bench = Bench(DailyCaps(calls=1))
    await bench.spending.reserve("gemini", "flash", WORST)

    refused = await bench.refused()

    assert (refused.type, refused.burns_attempt) == (FailureType.QUOTA, False)
    assert refused.retry_after == timedelta(hours=1, minutes=30)


async def test_a_cost_that_does_not_fit_at_its_worst_is_refused() -> None:
    bench = Bench(DailyCaps(micros=2_199))
    reservation = await bench.spending.reserve("gemini", "flash", WORST)
    await bench.spending.settle(reservation, USED)

    assert (await bench.refused()).type is FailureType.QUOTA


async def test_the_next_day_has_a_budget_of_its_own() -> None:
    bench = Bench(DailyCaps(micros=1_400, calls=1))
    late = await bench.spending.reserve("gemini", "flash", WORST)

    bench.clock.time += timedelta(hours=1, minutes=30)
    await bench.spending.reserve("gemini", "flash", WORST)
    await bench.spending.settle(late, USED)

    assert (await bench.usage()).micros == 800
    tomorrow = await bench.usage(DAY + timedelta(days=1))
    assert (tomorrow.micros, tomorrow.reserved_micros) == (0, 1_400)


async def test_a_call_that_was_not_made_takes_nobodys_room() -> None:
    bench = Bench(DailyCaps(calls=1))
    reservation = await bench.spending.reserve("gemini", "flash", WORST)

    await bench.spending.release(reservation)

    assert await bench.usage() == DayUsage(day=DAY)


async def test_a_model_without_a_price_is_not_asked_where_the_cost_is_capped() -> None:
    refused = await Bench(DailyCaps(micros=10**9)).refused("unknown")

    assert (refused.type, refused.burns_attempt) == (FailureType.QUOTA, False)


async def test_a_model_without_a_price_is_counted_where_it_is_not() -> None:
    bench = Bench(DailyCaps(calls=1))

    reservation = await bench.spending.reserve("openai", "unknown", WORST)

    assert await bench.spending.settle(reservation, USED) is None
    (unknown,) = (await bench.usage()).models
    assert (unknown.calls, unknown.input_tokens, unknown.micros) == (1, 700, 0)


async def test_without_its_database_nothing_is_spent_and_no_attempt_burnt() -> None:
    bench = Bench()
    bench.spending = replace(bench.spending, unit_of_work=Away())

    assert not (await bench.refused()).burns_attempt


async def test_an_answer_is_not_lost_because_its_bill_cannot_be_written() -> None:
    bench = Bench()
    reservation = await bench.spending.reserve("gemini", "flash", WORST)
    away = replace(bench.spending, unit_of_work=Away())

    assert await away.settle(reservation, USED) == 800
    await away.release(reservation)

    assert (await bench.usage()).reserved_micros == 1_400


@dataclass
class Sleeps:
    """A clock that moves only while somebody sleeps."""

    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def throttled(rate: Rate, sleeps: Sleeps) -> Throttle:
    limit = MemoryRateLimit(rate, timedelta(minutes=1), sleeps)
    return Throttle(limit, UuidV7Ids(), sleeps.sleep)


async def test_a_call_that_the_rate_allows_does_not_wait() -> None:
    sleeps = Sleeps()

    await throttled(Rate(1, timedelta(minutes=1)), sleeps).begin()

    assert sleeps.slept == []


async def test_a_call_waits_in_its_place_until_the_rate_allows_it() -> None:
    sleeps = Sleeps()
    throttle = throttled(Rate(2, PATIENCE), sleeps)

    for _ in range(4):
        await throttle.end(await throttle.begin())

    assert sleeps.slept == [PATIENCE.total_seconds()]


async def test_a_call_that_would_wait_too_long_is_put_off_and_burns_no_attempt() -> None:
    sleeps = Sleeps()
    throttle = throttled(Rate(1, timedelta(minutes=1)), sleeps)
    await throttle.begin()

    with pytest.raises(SummarizerFailed) as refused:
        await throttle.begin()

    assert sleeps.slept == []
    assert (refused.value.type, refused.value.burns_attempt) == (FailureType.QUOTA, False)
    assert refused.value.retry_after == timedelta(minutes=1)


async def test_who_is_told_to_wait_again_and_again_waits_no_longer_than_that() -> None:
    class NeverYet(NoRateLimit):
        async def begin(self, call: UUID) -> timedelta | None:
            return timedelta(0)

    sleeps = Sleeps()
    with pytest.raises(SummarizerFailed):
        await Throttle(NeverYet(), UuidV7Ids(), sleeps.sleep).begin()

    assert len(sleeps.slept) == PATIENCE // SHORTEST_WAIT
