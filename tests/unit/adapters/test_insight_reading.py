"""What is taken for an insight, whichever provider wrote it."""

import json
from typing import Any

import pytest

from adapters.summarizers._insight import insight_schema, read_insight, token_count
from adapters.summarizers._prompt import instruction
from domain.errors import FailureType, SummarizerFailed
from domain.insight import Channel, Claim, Insight, NextActionType, Priority, Usage

PAID = Usage(7, 3)
WRITTEN: dict[str, Any] = {
    "summary": "Ada Lovelace of Engines Ltd. wants a demo.",
    "next_action": "Call Ada Lovelace.",
    "next_action_type": "demo",
    "channel": "phone",
    "priority": "high",
    "due_in_days": 0,
    "reason": "She asked for it.",
    "claims": [{"text": "She wants a demo.", "evidence": ["notes", "history"]}],
}


def read(**but: object) -> Insight:
    return read_insight(json.dumps({**WRITTEN, **but}), PAID, instruction())


def test_every_member_is_read() -> None:
    assert read() == Insight(
        summary="Ada Lovelace of Engines Ltd. wants a demo.",
        next_action="Call Ada Lovelace.",
        next_action_type=NextActionType.DEMO,
        channel=Channel.PHONE,
        priority=Priority.HIGH,
        due_in_days=0,
        reason="She asked for it.",
        claims=(Claim("She wants a demo.", ("notes", "history")),),
    )


def test_nothing_to_be_done_is_due_at_no_time() -> None:
    assert read(due_in_days=None).due_in_days is None


@pytest.mark.parametrize(
    "action",
    [
        "Call Dr. Lovelace about the demo.",
        "Call Ada B. Lovelace of Engines Inc. Berlin",
        "Write to Ada at 9 a.m. on Monday!",
        "Ask Ada about version 2.0 of engines.example.",
        "致电艾达。",
    ],
)
def test_one_sentence_is_one_whatever_it_abbreviates(action: str) -> None:
    assert read(next_action=action).next_action == action


@pytest.mark.parametrize(
    "action",
    [
        "Call Ada. Then write to her.",
        "Call Ada! Ask for Charles.",
        "Who is Ada? Find out.",
        "Call “Ada.” Then write.",
        "Call Ada.\nWrite to her.",
    ],
)
def test_two_sentences_are_no_action(action: str) -> None:
    with pytest.raises(SummarizerFailed, match="more than one sentence"):
        read(next_action=action)


@pytest.mark.parametrize("member", ["summary", "next_action", "reason"])
@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example",
        "HTTPS://evil.example/x",
        "www.evil.example",
        "evil.example/offer",
        "mailto:ada@example.com",
        "javascript:alert(1)",
        "[offer](evil.example)",
        "![](evil.example)",
        "<img src=x>",
        "</lead>",
    ],
)
def test_there_are_no_links_and_no_markup(member: str, link: str) -> None:
    with pytest.raises(SummarizerFailed, match=f"{member} holds a link"):
        read(**{member: f"See {link} now"})


def test_an_address_and_a_site_by_name_are_no_links() -> None:
    text = "Ada (ada@example.com) keeps engines.example."

    assert read(summary=text).summary == text


@pytest.mark.parametrize("member", ["summary", "next_action", "reason"])
def test_the_instruction_is_not_repeated(member: str) -> None:
    with pytest.raises(SummarizerFailed, match="repeats the instruction"):
        read(**{member: " ".join(instruction().split()[:12])})


def test_the_instruction_is_not_repeated_in_a_claim() -> None:
    claim = {"text": " ".join(instruction().split()[:12]), "evidence": ["name"]}

    with pytest.raises(SummarizerFailed, match="repeats the instruction"):
        read(claims=[claim])


def test_what_a_bad_answer_has_cost_is_told() -> None:
    with pytest.raises(SummarizerFailed) as failed:
        read(priority="urgent")

    assert (failed.value.type, failed.value.usage) == (FailureType.SCHEMA, PAID)


def test_the_schema_names_every_choice_and_refers_to_nothing() -> None:
    schema = insight_schema()

    choices = schema["properties"]["next_action_type"]
    assert (choices["type"], set(choices["enum"])) == ("string", {*NextActionType})
    assert "$ref" not in json.dumps(schema)


def test_the_instruction_explains_every_member_and_choice() -> None:
    told = instruction()

    for word in (*insight_schema()["required"], *NextActionType, *Channel, *Priority):
        assert f'"{word}"' in told


@pytest.mark.parametrize(
    ("counts", "sum"),
    [((3, 4), 7), ((3, None), 3), ((None,), None), ((-1,), None), ((2**31,), None)],
)
def test_tokens_are_counted_as_far_as_they_can_be(
    counts: tuple[int | None, ...], sum: int | None
) -> None:
    assert token_count(*counts) == sum
