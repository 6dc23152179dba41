"""One call that is paid for: within the budget and the rate, whichever way it ends."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.rate_limits.none import NoRateLimit
from adapters.system import SystemClock, UuidV7Ids
from application.ask_summarizer import AskSummarizer
from application.attempt import Attempt
from application.read_ai_usage import ReadAiUsage
from application.spending import Spending, Throttle
from domain.budget import DailyCaps, DayUsage, Price
from domain.errors import FailureType, SummarizerFailed
from domain.insight import SummarizerAnswer, Usage
from domain.ports import Paid, Summarizer
from domain.summary_input import SummaryInput
from tests.builders import an_insight

KNOWN = SummaryInput({"name": "Ada", "company": "Engines"})
NO_CAPS = DailyCaps()
ANSWER = SummarizerAnswer(
    insight=an_insight(), provider="gemini", model="flash", prompt_version="1", usage=Usage(700, 50)
)


@dataclass
class PaidSummarizer(Summarizer, Paid):
    outcome: SummarizerAnswer | Exception = ANSWER
    model: str = "flash"
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    answers: asyncio.Event | None = None

    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        self.asked.set()
        if self.answers:
            await self.answers.wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def worst_case(self, known: SummaryInput) -> Usage:
        return Usage(1_000, 200)


@dataclass
class TakingDown(NoRateLimit):
    """Allows, or tells to wait for so long, and takes down what it is told."""

    left: timedelta | None = None
    under_way: set[UUID] = field(default_factory=set)
    ended: int = 0

    async def begin(self, call: UUID) -> timedelta | None:
        if self.left is None:
            self.under_way.add(call)
        return self.left

    async def end(self, call: UUID) -> None:
        self.under_way.remove(call)
        self.ended += 1


class Bench:
    def __init__(self, left: timedelta | None = None, caps: DailyCaps = NO_CAPS) -> None:
        self.database, self.rate_limit = MemoryDatabase(SystemClock()), TakingDown(left)
        prices = {"flash": Price(1_000_000, 2_000_000)}
        spending = Spending(self.database, SystemClock(), prices, caps)
        self.ask = AskSummarizer(spending, Throttle(self.rate_limit, UuidV7Ids()))

    async def asked(self, summarizer: Summarizer) -> Attempt:
        return await self.ask("gemini", summarizer, KNOWN)

    async def usage(self) -> DayUsage:
        return (await ReadAiUsage(self.database, SystemClock(), NO_CAPS)()).usage


async def test_an_answer_is_settled_and_its_cost_told() -> None:
    bench = Bench()

    attempt = await bench.asked(PaidSummarizer())

    assert (attempt.outcome, attempt.spent.cost) == (ANSWER, 800)
    usage = await bench.usage()
    assert (usage.calls, usage.micros, usage.reserved_micros) == (1, 800, 0)
    assert usage.models[0].provider == "gemini"


@pytest.mark.parametrize(
    "outcome",
    [ANSWER, SummarizerFailed(FailureType.TIMEOUT, "late"), ZeroDivisionError()],
    ids=["answered", "failed", "broken"],
)
async def test_the_rate_is_told_that_who_was_asked_has_ended(
    outcome: SummarizerAnswer | Exception,
) -> None:
    bench = Bench()

    await bench.asked(PaidSummarizer(outcome))

    assert (bench.rate_limit.under_way, bench.rate_limit.ended) == (set(), 1)


async def test_who_is_asked_is_under_way_until_then() -> None:
    bench, summarizer = Bench(), PaidSummarizer(answers=asyncio.Event())

    asking = asyncio.create_task(bench.asked(summarizer))
    await summarizer.asked.wait()
    during = len(bench.rate_limit.under_way)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    assert during == 1
    assert bench.rate_limit.under_way == set()


async def test_who_is_held_back_asks_nobody_and_takes_no_room_in_the_budget() -> None:
    bench, summarizer = Bench(left=timedelta(hours=1)), PaidSummarizer()

    attempt = await bench.asked(summarizer)

    assert attempt.was_held_back
    assert isinstance(attempt.outcome, SummarizerFailed)
    assert not attempt.outcome.burns_attempt
    assert not summarizer.asked.is_set()
    usage = await bench.usage()
    assert (usage.calls, usage.reserved_micros) == (0, 0)


async def test_a_budget_that_is_used_up_asks_nobody() -> None:
    bench, summarizer = Bench(caps=DailyCaps(calls=0)), PaidSummarizer()

    attempt = await bench.asked(summarizer)

    assert isinstance(attempt.outcome, SummarizerFailed)
    assert (attempt.outcome.type, attempt.was_held_back) == (FailureType.QUOTA, False)
    assert not summarizer.asked.is_set()
