"""The golden cases are whole and cover what leads are like, and a file of them is read strictly."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.summarizers.rules import RulesSummarizer
from domain.golden import Expected, GoldenCase
from domain.insight import Channel, NextActionType
from domain.lead_fields import LeadStatus
from domain.summary_input import SummaryInput
from entrypoints.evaluation.golden import golden_cases
from entrypoints.settings import InvalidSettings
from tests.builders import an_insight

CASES = golden_cases()
DEMO = Expected(types=frozenset({NextActionType.DEMO}))


def test_there_are_cases_of_every_status_and_every_kind_of_action() -> None:
    assert len(CASES) >= 30
    assert {case.known.facts["status"] for case in CASES} == set(LeadStatus)
    assert set().union(*(case.expected.types for case in CASES)) == set(NextActionType)


@pytest.mark.parametrize(
    "holds",
    [
        lambda known: known.is_sparse,
        lambda known: known.confidence == "high",
        lambda known: len(known.activities) == 30,
        lambda known: len(known.facts.get("notes", "")) > 1_000,
        lambda known: not known.facts["name"].isascii(),
        lambda known: len(known.history) > 1,
    ],
    ids=["sparse", "rich", "many activities", "long notes", "other scripts", "a history"],
)
def test_there_are_leads_that_are(holds: Callable[[SummaryInput], bool]) -> None:
    assert any(holds(case.known) for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_the_rules_say_what_is_expected(case: GoldenCase) -> None:
    answer = await RulesSummarizer().summarize(case.known)

    assert case.expected.missed_by(answer.insight) == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_somebody_has_reviewed_it(case: GoldenCase) -> None:
    assert case.review.startswith(("Right: ", "Sensible: ", "Acceptable: "))


def test_another_action_or_channel_is_not_expected() -> None:
    expected = Expected(types=DEMO.types, channels=frozenset({Channel.PHONE}))
    insight = an_insight(next_action_type=NextActionType.EMAIL, channel=Channel.EMAIL)

    assert expected.missed_by(insight) == ("is email", "is by email")


def test_any_channel_is_expected_where_none_is_named() -> None:
    assert DEMO.missed_by(an_insight(next_action_type=NextActionType.DEMO)) == ()


@pytest.mark.parametrize("part", ["summary", "next_action", "reason"])
def test_words_are_looked_for_in_every_text_in_any_case(part: str) -> None:
    expected = Expected(types=DEMO.types, must_mention=("Acme",), must_not_mention=("Mallory",))
    insight = an_insight(next_action_type=NextActionType.DEMO)

    assert expected.missed_by(insight) == ("lacks 'Acme'",)
    said = an_insight(next_action_type=NextActionType.DEMO, **{part: "of ACME and MALLORY"})
    assert expected.missed_by(said) == ("says 'Mallory'",)


def a_case(**but: Any) -> dict[str, Any]:
    return {"id": "one", "facts": {"name": "Ada"}, "expect": {"types": ["demo"]}, **but}


def written(folder: Path, content: object) -> Path:
    path = folder / "cases.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_case_needs_no_more_than_facts_and_a_type(tmp_path: Path) -> None:
    (case,) = golden_cases(written(tmp_path, {"cases": [a_case()]}))

    assert case == GoldenCase(id="one", known=SummaryInput({"name": "Ada"}), expected=DEMO)


@pytest.mark.parametrize(
    "content",
    [
        "no JSON",
        {"cases": []},
        {"cases": [a_case(), a_case()]},
        {"cases": [a_case(mood="fine")]},
        {"cases": [a_case(facts={"gender": "female"})]},
        {"cases": [a_case(expect={"types": ["dance"]})]},
        {"cases": [a_case(activities=[{"id": "a1", "type": "call"}])]},
    ],
    ids=["no JSON", "none", "twice", "unknown field", "unknown fact", "unknown type", "half"],
)
def test_what_is_no_golden_file_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(InvalidSettings, match=r"cases\.json"):
        golden_cases(written(tmp_path, content))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="nowhere"):
        golden_cases(tmp_path / "nowhere.json")
