"""What a summarizer may know, in one canonical form."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.insight import Confidence
from domain.summary_input import KnownActivity, StageMove, SummaryInput

CALL = KnownActivity("a1", "call", "2026-11-20", "Wants a demo")
MOVE = StageMove("2026-11-21", "new", "contacted")
BARE = {"name": "Ada", "email": "ada@example.com", "status": "new", "source": "manual"}


def test_the_order_of_gathering_makes_no_difference() -> None:
    one = SummaryInput(BARE, (CALL,), (MOVE,))
    other = SummaryInput(dict(reversed(BARE.items())), [CALL], [MOVE])

    assert (one.canonical, one.digest) == (other.canonical, other.digest)


texts = st.text(st.characters(), max_size=9)


@given(st.dictionaries(texts, texts, max_size=3), st.lists(texts, min_size=4, max_size=4))
def test_the_form_is_json_with_sorted_names(facts: dict[str, str], told: list[str]) -> None:
    known = SummaryInput(facts, [KnownActivity(*told), CALL], [StageMove(*told[:3]), MOVE])

    canonical = json.dumps(asdict(known), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert known.canonical == canonical


@pytest.mark.parametrize(
    "other",
    [
        SummaryInput({**BARE, "phone": "1"}, (CALL,), (MOVE,)),
        SummaryInput(BARE, (), (MOVE,)),
        SummaryInput(BARE, (CALL,), ()),
        SummaryInput(BARE, (KnownActivity("a1", "call", "2026-11-20", "Wants a Demo"),), (MOVE,)),
    ],
)
def test_another_input_has_another_digest(other: SummaryInput) -> None:
    assert other.digest != SummaryInput(BARE, (CALL,), (MOVE,)).digest


def test_a_claim_may_rest_on_fields_activities_and_history() -> None:
    evidence = SummaryInput(BARE, (CALL,), (MOVE,)).evidence

    assert evidence == {
        **BARE,
        "a1": "call 2026-11-20 Wants a demo",
        "history": "2026-11-21 new contacted",
    }


@pytest.mark.parametrize("name", ["company", "job_title", "notes"])
def test_one_telling_field_is_enough_to_ask_a_model(name: str) -> None:
    assert not SummaryInput({**BARE, name: "Navy"}).is_sparse


def test_one_activity_is_enough_to_ask_a_model() -> None:
    assert not SummaryInput(BARE, (CALL,)).is_sparse


def test_a_name_and_ways_to_reach_them_are_not() -> None:
    known = SummaryInput({**BARE, "phone": "+44 20 1234"}, history=(MOVE,))

    assert (known.is_sparse, known.confidence) == (True, Confidence.LOW)


@pytest.mark.parametrize(
    ("more", "activities", "confidence"),
    [
        ({"company": "Navy"}, (), Confidence.LOW),
        ({"company": "Navy", "phone": "1"}, (), Confidence.MEDIUM),
        ({"company": "Navy"}, (CALL,), Confidence.MEDIUM),
        ({"company": "Navy", "phone": "1", "job_title": "CTO"}, (CALL,), Confidence.HIGH),
    ],
)
def test_confidence_grows_with_what_is_known(
    more: dict[str, str], activities: tuple[KnownActivity, ...], confidence: Confidence
) -> None:
    assert SummaryInput({**BARE, **more}, activities).confidence is confidence


def test_what_is_missing_is_what_to_ask_for() -> None:
    assert SummaryInput(BARE).missing == ("phone", "company", "job_title", "need")
    assert SummaryInput({**BARE, "phone": "1"}, (CALL,)).missing == ("company", "job_title")
