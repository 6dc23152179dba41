"""What an evaluation asks, counts and times."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from application.evaluate import Evaluate
from domain.errors import FailureType, SummarizerFailed
from domain.evaluation import CaseResult, Evaluation, broken_caps
from domain.golden import Expected, GoldenCase
from domain.grounding import Finding
from domain.insight import Claim, Insight, NextActionType, SummarizerAnswer, Usage
from domain.ports import Summarizer
from domain.summary_input import SummaryInput
from tests.builders import an_insight

GROUNDED = an_insight(next_action_type=NextActionType.DEMO)
LIE = an_insight(next_action_type=NextActionType.DEMO, reason="A lie.")
FINDING = Finding("reason", "name")


def a_case(id: str, **facts: str) -> GoldenCase:
    known = SummaryInput({"name": "Ada", "company": "Engines", **facts})
    return GoldenCase(id=id, known=known, expected=Expected(types=frozenset({NextActionType.DEMO})))


SPARSE = GoldenCase(
    id="sparse", known=SummaryInput({"name": "Ada"}), expected=a_case("other").expected
)


@dataclass
class Scripted:
    """Answers by the lead's company; counts its calls, and the most that there were at once."""

    answers: dict[str, Insight | Exception] = field(default_factory=dict)
    calls: int = 0
    most: int = 0
    under_way: int = 0

    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        self.calls += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        answer = self.answers.get(known.facts.get("company", ""), GROUNDED)
        if isinstance(answer, Exception):
            raise answer
        return SummarizerAnswer(
            insight=answer, provider="p", model="m-001", prompt_version="1", usage=Usage(100, 10)
        )


class ScriptedForMoney(Scripted):
    model = "m"

    def worst_case(self, known: SummaryInput) -> Usage:
        return Usage(1_000, 1_000)


def lies(insight: Insight, _known: SummaryInput) -> Sequence[Finding]:
    return [FINDING] if insight == LIE else []


def cost(model: str, usage: Usage) -> int | None:
    return {"m": 2}[model] * (usage.input_tokens or 0)


async def evaluated(summarizer: Summarizer, *cases: GoldenCase, concurrency: int = 2) -> Evaluation:
    evaluate = Evaluate({"p": summarizer}, lies, concurrency, cost)
    (evaluation,) = await evaluate(cases, lambda _name, _done: None)
    return evaluation


async def test_the_shares_are_those_of_the_answers_without_a_fault() -> None:
    long = an_insight(next_action_type=NextActionType.DEMO, summary="x" * 1_001)
    other = an_insight(next_action_type=NextActionType.CALL)
    summarizer = Scripted({"Lying": LIE, "Long": long, "Other": other})

    evaluation = await evaluated(
        summarizer,
        a_case("good"),
        a_case("lying", company="Lying"),
        a_case("long", company="Long"),
        a_case("other", company="Other"),
    )

    assert (evaluation.schema, evaluation.grounded, evaluation.expected) == (75, 75, 75)
    found = {r.case.id: (r.broken_caps, r.ungrounded, r.missed) for r in evaluation.results}
    assert found == {
        "good": ((), (), ()),
        "lying": ((), (FINDING,), ()),
        "long": (("summary",), (), ()),
        "other": ((), (), ("is call",)),
    }


async def test_what_has_no_answer_counts_as_a_fault_of_every_kind() -> None:
    quota = SummarizerFailed(FailureType.QUOTA, "no", usage=Usage(7, 0))

    evaluation = await evaluated(Scripted({"Engines": quota}), a_case("one"))

    assert (evaluation.schema, evaluation.grounded, evaluation.expected) == (0, 0, 0)
    assert evaluation.results[0].failure is FailureType.QUOTA
    assert evaluation.usage == Usage(7, 0)


async def test_a_defect_costs_no_other_answer() -> None:
    summarizer = Scripted({"Odd": KeyError("odd")})

    evaluation = await evaluated(summarizer, a_case("odd", company="Odd"), a_case("good"))

    assert [result.failure for result in evaluation.results] == [FailureType.INTERNAL, None]


async def test_an_evaluation_of_nothing_is_no_success() -> None:
    assert (await evaluated(Scripted())).schema == 0


async def test_of_next_to_nothing_no_paid_call_is_made() -> None:
    paid, free = ScriptedForMoney(), Scripted()

    evaluations = [await evaluated(each, SPARSE, a_case("one")) for each in (paid, free)]

    assert [evaluation.left_out for evaluation in evaluations] == [1, 0]
    assert (paid.calls, free.calls) == (1, 2)


async def test_tokens_and_cost_are_summed_up() -> None:
    evaluation = await evaluated(ScriptedForMoney(), a_case("one"), a_case("two"))

    assert (evaluation.usage, evaluation.cost) == (Usage(200, 20), 400)


async def test_what_is_not_paid_for_costs_nothing() -> None:
    assert (await evaluated(Scripted(), a_case("one"))).cost == 0


async def test_a_model_without_a_price_has_no_cost() -> None:
    evaluate = Evaluate({"p": ScriptedForMoney()}, lies, 1, lambda _model, _usage: None)

    (evaluation,) = await evaluate([a_case("one")], lambda _name, _done: None)

    assert evaluation.cost is None


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_no_more_calls_are_under_way_than_there_may_be(concurrency: int) -> None:
    summarizer = Scripted()
    cases = [a_case(str(number)) for number in range(10)]

    await evaluated(summarizer, *cases, concurrency=concurrency)

    assert summarizer.most == concurrency


async def test_progress_is_told_case_by_case() -> None:
    told: list[tuple[str, int]] = []
    evaluate = Evaluate({"p": Scripted(), "q": Scripted()}, lies, 1, cost)

    await evaluate([a_case("one"), a_case("two")], lambda name, done: told.append((name, done)))

    assert told == [("p", 1), ("p", 2), ("q", 1), ("q", 2)]


def test_a_percentile_is_one_of_the_times_that_were_taken() -> None:
    results = [CaseResult(case=SPARSE, seconds=number) for number in range(20, 0, -1)]
    evaluation = Evaluation("p", tuple(results))

    assert (evaluation.latency(50), evaluation.latency(95)) == (10, 19)
    assert Evaluation("p", ()).latency(50) == 0


@pytest.mark.parametrize(
    ("but", "broken"),
    [
        ({}, []),
        ({"summary": "x" * 1_000, "reason": "x" * 300, "due_in_days": 365}, []),
        ({"due_in_days": None}, []),
        ({"summary": "x" * 1_001}, ["summary"]),
        ({"next_action": "x" * 301}, ["next_action"]),
        ({"reason": " "}, ["reason"]),
        ({"due_in_days": 366}, ["due_in_days"]),
        ({"due_in_days": -1}, ["due_in_days"]),
        ({"claims": ()}, ["claims"]),
        ({"claims": (Claim("x", ("name",)),) * 21}, ["claims"]),
        ({"claims": (Claim("x" * 301, ("name",)),)}, ["claims/0"]),
        ({"claims": (Claim("x", ()),)}, ["claims/0/evidence"]),
        ({"claims": (Claim("x", ("name",) * 11),)}, ["claims/0/evidence"]),
    ],
)
def test_each_cap_is_checked(but: dict[str, object], broken: list[str]) -> None:
    assert list(broken_caps(an_insight(**but))) == broken
