"""Who is asked for an insight, in what order, and what an attempt took."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest

from application.summarizer_chain import SummarizerChain
from domain.errors import FailureType, SummarizerFailed
from domain.insight import SummarizerAnswer, Usage
from domain.summary import PassedOver
from domain.summary_input import SummaryInput
from tests.builders import an_asker, an_insight

KNOWN = SummaryInput({"name": "Ada", "company": "Engines"})
SPARSE = SummaryInput({"name": "Ada", "email": "ada@example.com"})


@dataclass
class Scripted:
    """Answers under this name, or fails so; counts its calls."""

    name: str
    failure: SummarizerFailed | Exception | None = None
    calls: int = 0

    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        self.calls += 1
        if self.failure is not None:
            raise self.failure
        return SummarizerAnswer(
            insight=an_insight(),
            provider=self.name,
            model="m",
            prompt_version="1",
            usage=Usage(100, 10),
        )


def a_chain(*links: Scripted) -> SummarizerChain:
    return SummarizerChain(
        {link.name: link for link in links}, for_sparse=Scripted("rules"), ask=an_asker()
    )


def failed(type: FailureType, **but: object) -> SummarizerFailed:
    return SummarizerFailed(type, "no", **but)  # type: ignore[arg-type]


def provider_of(outcome: SummarizerAnswer | SummarizerFailed) -> str:
    assert isinstance(outcome, SummarizerAnswer), outcome
    return outcome.provider


async def test_the_first_one_that_can_serve_answers() -> None:
    first, second = Scripted("gemini"), Scripted("rules")

    attempt = await a_chain(first, second)(KNOWN)

    assert (provider_of(attempt.outcome), second.calls) == ("gemini", 0)
    assert (attempt.spent.usage, attempt.spent.passed_over) == (Usage(100, 10), ())


@pytest.mark.parametrize("type", ["quota", "unavailable", "timeout", "credentials"])
async def test_who_is_away_is_passed_over_and_named(type: str) -> None:
    away = Scripted("gemini", failed(FailureType(type), usage=Usage(7, None)))

    attempt = await a_chain(away, Scripted("openai"))(KNOWN)

    assert provider_of(attempt.outcome) == "openai"
    assert attempt.spent.passed_over == (PassedOver("gemini", FailureType(type)),)
    assert attempt.spent.usage == Usage(107, 10)


@pytest.mark.parametrize("type", ["schema", "truncated", "ungrounded", "blocked", "internal"])
async def test_a_nonsensical_answer_is_for_the_same_one_to_mend(type: str) -> None:
    nonsense, other = Scripted("gemini", failed(FailureType(type))), Scripted("rules")

    attempt = await a_chain(nonsense, other)(KNOWN)

    assert isinstance(attempt.outcome, SummarizerFailed)
    assert (attempt.outcome.type, other.calls) == (FailureType(type), 0)


async def test_where_all_are_away_the_last_ones_failure_stands() -> None:
    quota, away = failed(FailureType.QUOTA), failed(FailureType.UNAVAILABLE)

    attempt = await a_chain(Scripted("gemini", quota), Scripted("openai", away))(KNOWN)

    assert attempt.outcome is away
    assert [passed.provider for passed in attempt.spent.passed_over] == ["gemini", "openai"]


async def test_next_to_nothing_is_shown_to_no_model() -> None:
    model = Scripted("gemini")

    attempt = await a_chain(model)(SPARSE)

    assert (provider_of(attempt.outcome), model.calls) == ("rules", 0)


async def test_a_defect_in_an_adapter_is_a_typed_failure() -> None:
    attempt = await a_chain(Scripted("gemini", ZeroDivisionError()), Scripted("rules"))(KNOWN)

    assert isinstance(attempt.outcome, SummarizerFailed)
    assert attempt.outcome.type is FailureType.INTERNAL


async def test_the_time_of_all_who_were_asked_counts() -> None:
    ticks = count()
    away = Scripted("gemini", failed(FailureType.TIMEOUT))
    chain = SummarizerChain(
        {"gemini": away, "rules": Scripted("rules")},
        Scripted("rules"),
        an_asker(lambda: float(next(ticks))),
    )

    assert (await chain(KNOWN)).spent.latency == timedelta(seconds=2)
