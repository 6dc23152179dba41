"""The timeline and the activities in memory."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from adapters.databases.memory.tables import Tables, page
from domain.activity import Activity
from domain.lead import LeadId
from domain.ports import ActivityRepository, Position, TimelineRepository
from domain.summary_input import StageMove
from domain.timeline import ActorKind, Event, changed_fields, stage_moves


class MemoryTimeline(TimelineRepository):
    def __init__(self, tables: Tables) -> None:
        self._events = tables.timeline

    async def add(self, events: Sequence[Event]) -> None:
        self._events.update({event.id: event for event in events})

    async def page(self, lead_id: LeadId, limit: int, after: Position | None) -> Sequence[Event]:
        return page((e for e in self._events.values() if e.lead_id == lead_id), limit, after)

    async def stage_moves_of(
        self, lead_ids: Collection[LeadId], limit: int
    ) -> Mapping[LeadId, Sequence[StageMove]]:
        moves = {
            lead_id: stage_moves(await self.page(lead_id, len(self._events), None))[:limit]
            for lead_id in lead_ids
        }
        return {lead_id: found for lead_id, found in moves.items() if found}

    async def changed_by_keys(
        self, lead_ids: Collection[LeadId]
    ) -> Mapping[LeadId, Collection[str]]:
        wanted = set[UUID](lead_ids)
        return changed_fields(
            event
            for event in self._events.values()
            if event.lead_id in wanted and event.by.kind is ActorKind.KEY
        )


class MemoryActivities(ActivityRepository):
    def __init__(self, tables: Tables) -> None:
        self._activities = tables.activities

    async def add(self, activity: Activity) -> None:
        self._activities[activity.id] = activity

    async def page(self, lead_id: LeadId, limit: int, after: Position | None) -> Sequence[Activity]:
        return page((a for a in self._activities.values() if a.lead_id == lead_id), limit, after)

    async def newest_of(
        self, lead_ids: Collection[LeadId], limit: int
    ) -> Mapping[LeadId, Sequence[Activity]]:
        newest = {lead_id: await self.page(lead_id, limit, None) for lead_id in lead_ids}
        return {lead_id: found for lead_id, found in newest.items() if found}
