"""The timeline and the activities in SQL."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from sqlalchemy import literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import among_ids
from adapters.databases.sql.inserts import insert_all
from adapters.databases.sql.many_rows import NewestOfEach
from adapters.databases.sql.rows import ACTIVITIES, TIMELINE
from adapters.databases.sql.statements import newest
from application.pauses import unhurried
from domain.activity import Activity, ActivityId, ActivityType
from domain.lead import LeadId
from domain.ports import ActivityRepository, Position, TimelineRepository
from domain.summary_input import StageMove
from domain.timeline import (
    Actor,
    ActorKind,
    Event,
    EventId,
    EventType,
    FieldChange,
    changed_fields,
    stage_moves,
)

T = TypeVar("T", Event, Activity)

CHANGES = 200
"""How many of a lead's newest changes are searched for changes of its status."""
_CHANGING = (EventType.CHANGED.value, EventType.SYNCED.value)
_CHANGES_OF = NewestOfEach(
    TIMELINE, lambda: TIMELINE.c.type.in_([literal_column(f"'{kind}'") for kind in _CHANGING])
)
_ACTIVITIES_OF = NewestOfEach(ACTIVITIES)
_KINDS = {kind.value: kind for kind in ActivityType}
_ACTORS = {kind.value: kind for kind in ActorKind}


class SqlTimeline(TimelineRepository):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, events: Sequence[Event]) -> None:
        if events:
            rows = [event_values(event) async for few in unhurried(events) for event in few]
            await insert_all(self._connection, TIMELINE, rows)

    async def page(self, lead_id: LeadId, limit: int, after: Position | None) -> Sequence[Event]:
        query = newest(TIMELINE, limit, after).where(TIMELINE.c.lead_id == lead_id)
        return [_event_of(row) for row in await self._connection.execute(query)]

    async def stage_moves_of(
        self, lead_ids: Collection[LeadId], limit: int
    ) -> Mapping[LeadId, Sequence[StageMove]]:
        rows = await _CHANGES_OF(self._connection, lead_ids, CHANGES)
        moves = {lead_id: stage_moves(found) for lead_id, found in _by_lead(map(_event_of, rows))}
        return {lead_id: found[:limit] for lead_id, found in moves.items() if found}

    async def changed_by_keys(
        self, lead_ids: Collection[LeadId]
    ) -> Mapping[LeadId, Collection[str]]:
        query = select(TIMELINE).where(
            among_ids(self._connection, TIMELINE.c.lead_id, lead_ids),
            TIMELINE.c.type == EventType.CHANGED.value,
            TIMELINE.c.by_kind == ActorKind.KEY.value,
        )
        return changed_fields(_event_of(row) for row in await self._connection.execute(query))


class SqlActivities(ActivityRepository):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, activity: Activity) -> None:
        await self._connection.execute(ACTIVITIES.insert().values(_activity_values(activity)))

    async def page(self, lead_id: LeadId, limit: int, after: Position | None) -> Sequence[Activity]:
        query = newest(ACTIVITIES, limit, after).where(ACTIVITIES.c.lead_id == lead_id)
        return [_activity_of(row) for row in await self._connection.execute(query)]

    async def newest_of(
        self, lead_ids: Collection[LeadId], limit: int
    ) -> Mapping[LeadId, Sequence[Activity]]:
        rows = await _ACTIVITIES_OF(self._connection, lead_ids, limit)
        return dict(_by_lead(map(_activity_of, rows)))


def _by_lead(told: Iterable[T]) -> Iterable[tuple[LeadId, Sequence[T]]]:
    found = defaultdict[LeadId, list[T]](list)
    for each in told:
        found[LeadId(each.lead_id)].append(each)
    return found.items()


def event_values(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "lead_id": event.lead_id,
        "type": event.type,
        "by_kind": event.by.kind,
        "by_id": event.by.id,
        "changes": [asdict(change) for change in event.changes],
        "subject": event.subject,
        "created_at": event.created_at,
    }


def _event_of(row: Sequence[Any]) -> Event:
    """Of all columns of its table, in their order."""
    event_id, lead_id, kind, by_kind, by_id, changes, subject, created_at = row
    return Event(
        id=EventId(event_id),
        lead_id=lead_id,
        type=EventType(kind),
        by=Actor(_ACTORS[by_kind], by_id),
        created_at=created_at,
        changes=tuple(FieldChange(**change) for change in changes),
        subject=subject,
    )


def _activity_values(activity: Activity) -> dict[str, Any]:
    return {
        "id": activity.id,
        "lead_id": activity.lead_id,
        "type": activity.type.value,
        "text": activity.text,
        "by_kind": activity.by.kind.value,
        "by_id": activity.by.id,
        "occurred_at": activity.occurred_at,
        "created_at": activity.created_at,
    }


def _activity_of(row: Sequence[Any]) -> Activity:
    """Of all columns of its table, in their order."""
    activity_id, lead_id, kind, text, by_kind, by_id, occurred_at, created_at = row
    return Activity(
        id=ActivityId(activity_id),
        lead_id=lead_id,
        type=_KINDS[kind],
        text=text,
        by=Actor(_ACTORS[by_kind], by_id),
        occurred_at=occurred_at,
        created_at=created_at,
    )
