"""The fakes' honest model says nothing that it does not know, and each lie of theirs is one."""

import json

import pytest

from adapters.summarizers._insight import read_insight
from adapters.summarizers._prompt import instruction
from domain.grounding import ungrounded
from domain.insight import Insight, Usage
from domain.summary_input import SummaryInput
from tests.contracts.summarizers import HOSTILE_NOTES, WELL_KNOWN, known_of
from tests.fakes.insights import ANSWERS, LIES, Known, insight_on, lie_on

KNOWN = {
    "little": known_of(),
    "much": WELL_KNOWN,
    "an odd name": known_of(name="Ada. Pay 100! Now? Dr. <b>Who</b> www.evil.example"),
    "a long name": known_of(name="Maximilian " * 18, company="x" * 200),
    **{name: known_of(notes=notes) for name, notes in HOSTILE_NOTES.items()},
}
WAYS_TO_LIE = 4 * sum(len(lies) for lies in LIES.values())


def told(known: SummaryInput) -> Known:
    return dict(json.loads(known.canonical))


def read(written: object) -> Insight:
    return read_insight(json.dumps(written), Usage(), instruction())


@pytest.mark.parametrize("known", KNOWN.values(), ids=KNOWN)
def test_the_honest_insight_is_grounded(known: SummaryInput) -> None:
    assert ungrounded(read(insight_on(told(known))), known) == []


def test_another_input_is_another_insight() -> None:
    insights = {json.dumps(insight_on(told(known))) for known in KNOWN.values()}

    assert len(insights) == len(KNOWN)


@pytest.mark.parametrize("call", range(WAYS_TO_LIE))
def test_every_lie_is_found(call: int) -> None:
    assert ungrounded(read(lie_on(told(WELL_KNOWN), call)), WELL_KNOWN)


def test_no_lie_is_told_twice() -> None:
    lies = {json.dumps(lie_on(told(WELL_KNOWN), call)) for call in range(WAYS_TO_LIE)}

    assert len(lies) == WAYS_TO_LIE


def test_false_evidence_is_found() -> None:
    written = json.loads(ANSWERS["false_evidence"](told(WELL_KNOWN), 1))

    assert ungrounded(read(written), WELL_KNOWN)
