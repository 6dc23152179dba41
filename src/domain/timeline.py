"""What happened to a lead, when, and by whom: written with each change, never changed itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from domain.lead import Lead, LeadId
from domain.summary_input import StageMove

EventId = NewType("EventId", UUID)


class ActorKind(StrEnum):
    KEY = "key"
    SOURCE = "source"
    AI = "ai"


@dataclass(frozen=True, slots=True)
class Actor:
    """An API key by its id, a lead source by its name, or an AI by its provider."""

    kind: ActorKind
    id: str


class EventType(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    RESTORED = "restored"
    SUMMARIZED = "summarized"
    SYNCED = "synced"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; None where it was, or is, blank."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`subject` is the summary run or the activity that it is about."""

    id: EventId
    lead_id: UUID
    type: EventType
    by: Actor
    created_at: datetime
    changes: tuple[FieldChange, ...] = ()
    subject: UUID | None = None


FIELDS = (
    "name", "email", "phone", "company", "job_title", "notes", "status", "source", "external_id",
)  # fmt: skip
"""What people and sources may change, and so what a change is told of."""


def changes_between(before: Lead, after: Lead) -> Sequence[FieldChange]:
    """The fields that differ, in the order of the lead's own."""
    return tuple(
        FieldChange(name, _text(before, name), _text(after, name))
        for name in FIELDS
        if getattr(before, name) != getattr(after, name)
    )


def stage_moves(events: Sequence[Event]) -> Sequence[StageMove]:
    """The changes of status among these, in their order."""
    return [
        StageMove(event.created_at.date().isoformat(), change.before or "", change.after or "")
        for event in events
        for change in event.changes
        if change.field == "status"
    ]


def changed_fields(events: Iterable[Event]) -> Mapping[LeadId, Collection[str]]:
    """The fields that these change, by the lead's id; none of a lead that they do not change."""
    fields = defaultdict[LeadId, set[str]](set)
    for event in events:
        for change in event.changes:
            fields[LeadId(event.lead_id)].add(change.field)
    return fields


def _text(lead: Lead, name: str) -> str | None:
    value = getattr(lead, name)
    return None if value is None else str(value)
