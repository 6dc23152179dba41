"""A run against the one before: what it says now, and what had moved."""

from dataclasses import replace

from domain.basis import Basis, fact_digests
from domain.insight import Claim, Insight, SummarizerAnswer
from domain.run_diff import InsightChange, RunDiff
from domain.summary import SummaryRun
from tests.builders import NOW, a_basis, a_lead, a_run, an_insight

FACTS = {"name": "Ada", "phone": "1", "status": "new"}
BASIS = a_basis(facts=fact_digests(FACTS), activities=1, stage_moves=1)
ADA = a_lead()


def a_good_run(
    insight: Insight | None = None, basis: Basis = BASIS, model: str = "m-1"
) -> SummaryRun:
    answer = SummarizerAnswer(
        insight=insight or an_insight(), provider="gemini", model=model, prompt_version="1"
    )
    return a_run(ADA).answered(answer, basis, NOW)


def test_the_first_insight_is_compared_with_nothing() -> None:
    run = a_good_run()

    assert RunDiff.of(run, None) == RunDiff(run.id, None, (), ())


def test_the_same_insight_of_the_same_input_has_changed_in_nothing() -> None:
    run, previous = a_good_run(), a_good_run()

    assert RunDiff.of(run, previous) == RunDiff(run.id, previous.id, (), ())


def test_each_field_that_is_different_is_told_from_what_to_what() -> None:
    claims = (Claim("She has a phone.", ("phone",)),)
    previous = a_good_run(an_insight(summary="Who.", due_in_days=3))
    run = a_good_run(an_insight(summary="Ada.", due_in_days=None, claims=claims), model="m-2")

    assert RunDiff.of(run, previous).changes == (
        InsightChange("summary", "Who.", "Ada."),
        InsightChange("due_in_days", 3, None),
        InsightChange("claims", an_insight().claims, claims),
        InsightChange("model", "m-1", "m-2"),
    )


def test_what_had_moved_is_told_in_words() -> None:
    later = replace(
        BASIS,
        facts=fact_digests({"name": "Ada", "phone": "2", "status": "new", "company": "Navy"}),
        activities=3,
        stage_moves=3,
    )

    diff = RunDiff.of(a_good_run(basis=later), a_good_run())

    assert diff.input_changes == (
        "phone changed", "company changed", "2 new activities", "2 new moves of its status",
    )  # fmt: skip


def test_what_had_moved_is_unknown_where_it_was_not_kept() -> None:
    old = replace(a_good_run(), basis=None)

    assert RunDiff.of(a_good_run(), old).input_changes is None
