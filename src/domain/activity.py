"""Activities: what somebody did with a lead, in their own words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from domain.errors import FieldProblem, InvalidActivity
from domain.lead_fields import TextRule, checked_text
from domain.timeline import Actor

ActivityId = NewType("ActivityId", UUID)

TEXT = TextRule(10_000, required=True, multiline=True)
AHEAD = timedelta(days=1)
"""How far in the future something may have happened, as clocks and time zones differ."""
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)


class ActivityType(StrEnum):
    NOTE = "note"
    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """`occurred_at` is when it happened, `created_at` when it was written down; both in UTC."""

    id: ActivityId
    lead_id: UUID
    type: ActivityType
    text: str
    by: Actor
    occurred_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ActivityDetails:
    """The parts of an activity that people give, checked."""

    type: ActivityType
    text: str
    occurred_at: datetime | None

    @classmethod
    def of(cls, fields: Mapping[str, object], now: datetime) -> "ActivityDetails":
        """Check fields of any type; InvalidActivity names every broken rule."""
        problems = [
            FieldProblem(name, "unknown_field", "this field is not known or not yours to set")
            for name in fields
            if name not in {"type", "text", "occurred_at"}
        ]
        text = checked_text("text", TEXT, fields.get("text"), problems)
        kind = _type(fields.get("type"), problems)
        occurred_at = _time(fields.get("occurred_at"), now, problems)
        if problems or text is None or kind is None:
            raise InvalidActivity(problems)
        return cls(kind, text, occurred_at)


def _type(value: object, problems: list[FieldProblem]) -> ActivityType | None:
    if isinstance(value, str) and value in set(ActivityType):
        return ActivityType(value)
    code = "required" if value is None else "choice"
    problems.append(FieldProblem("type", code, f"type must be one of: {', '.join(ActivityType)}"))
    return None


def _time(value: object, now: datetime, problems: list[FieldProblem]) -> datetime | None:
    if value is None:
        return None
    at = _rfc_3339(value) if isinstance(value, str) else None
    if at is None:
        detail = "occurred_at must be a time with an offset, as RFC 3339 has it"
        problems.append(FieldProblem("occurred_at", "time", detail))
    elif at > now + AHEAD:
        problems.append(FieldProblem("occurred_at", "future", "occurred_at is in the future"))
    return at


def _rfc_3339(text: str) -> datetime | None:
    """The time in UTC; None if it is none, has no offset, or lies outside of what can be kept."""
    if _RFC_3339.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
