"""What an activity may hold."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.activity import ActivityDetails, ActivityType
from domain.errors import InvalidActivity
from tests.builders import NOW

NOTE = {"type": "note", "text": "Asked for a demo."}


def problems_of(fields: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidActivity) as refused:
        ActivityDetails.of(fields, NOW)
    return [(problem.field, problem.code) for problem in refused.value.problems]


@pytest.mark.parametrize("type", ActivityType)
def test_it_has_a_type_and_a_trimmed_text(type: ActivityType) -> None:
    details = ActivityDetails.of({"type": type.value, "text": " a\nb "}, NOW)

    assert details == ActivityDetails(type, "a\nb", None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-11-24T12:00:00Z", NOW),
        ("2026-11-24T14:00:00.5+02:00", NOW + timedelta(milliseconds=500)),
        ("2026-11-24t12:00:00.1234567z", NOW + timedelta(microseconds=123456)),
        ("2026-11-24 12:00:00-00:00", NOW),
    ],
)
def test_a_time_is_turned_into_utc(given: str, kept: datetime) -> None:
    occurred_at = ActivityDetails.of({**NOTE, "occurred_at": given}, NOW).occurred_at

    assert occurred_at == kept
    assert occurred_at.tzinfo is UTC


@pytest.mark.parametrize(
    "given", ["2026-11-24T12:00:00", "2026-W01-1T00:00:00Z", "2026-11-24T12:00Z", "9" * 5000, 0]
)
def test_what_rfc_3339_does_not_know_is_no_time(given: object) -> None:
    assert problems_of({**NOTE, "occurred_at": given}) == [("occurred_at", "time")]


def test_a_clock_may_be_a_day_ahead_and_no_more() -> None:
    day = NOW + timedelta(days=1)

    assert ActivityDetails.of({**NOTE, "occurred_at": day.isoformat()}, NOW).occurred_at == day
    late = (day + timedelta(seconds=1)).isoformat()
    assert problems_of({**NOTE, "occurred_at": late}) == [("occurred_at", "future")]


def test_all_problems_are_told_at_once() -> None:
    fields: dict[str, object] = {"text": "\x00", "occurred_at": "now", "by": "me"}

    assert sorted(problems_of(fields)) == [
        ("by", "unknown_field"),
        ("occurred_at", "time"),
        ("text", "characters"),
        ("type", "required"),
    ]
