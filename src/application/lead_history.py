"""Tell what happened to a lead, and take in what people did with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.ports import Clock, Ids, UnitsOfWork
from application.receipts import NO_RECEIPT, Receipt
from domain.activity import Activity, ActivityDetails, ActivityId
from domain.errors import LeadNotFound
from domain.lead import Lead, LeadId
from domain.ports import Position
from domain.timeline import Actor, Event, EventId, EventType


@dataclass(frozen=True, slots=True)
class AddActivity:
    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids

    async def __call__(
        self,
        lead_id: LeadId,
        fields: Mapping[str, object],
        by: Actor,
        receipt: Receipt = NO_RECEIPT,
    ) -> Activity:
        """Written down, counted, and on the timeline; InvalidActivity, LeadNotFound."""
        details = ActivityDetails.of(fields, self.clock.now())

        async with self.unit_of_work() as work:
            await receipt.claim(work)
            # under a lock, so that it is not deleted meanwhile and all is told in its order
            lead = await work.leads.get(lead_id, for_update=True)
            if lead is None:
                raise LeadNotFound(lead_id)
            activity = self._written_down(lead, details, by)
            await work.activities.add(activity)
            await work.leads.save(lead.with_activity(activity.created_at))
            await work.timeline.add([self._told(activity)])
            await receipt.keep(work, activity)

        return activity

    def _written_down(self, lead: Lead, details: ActivityDetails, by: Actor) -> Activity:
        now = lead.next_moment(self.clock.now())
        return Activity(
            id=ActivityId(self.ids.new()),
            lead_id=lead.id,
            type=details.type,
            text=details.text,
            by=by,
            occurred_at=details.occurred_at or now,
            created_at=now,
        )

    def _told(self, activity: Activity) -> Event:
        return Event(
            id=EventId(self.ids.new()),
            lead_id=activity.lead_id,
            type=EventType.ACTIVITY,
            by=activity.by,
            created_at=activity.created_at,
            subject=activity.id,
        )


@dataclass(frozen=True, slots=True)
class ListActivities:
    unit_of_work: UnitsOfWork

    async def __call__(
        self, lead_id: LeadId, limit: int, after: Position | None
    ) -> Sequence[Activity]:
        """The lead's activities, newest first; LeadNotFound."""
        async with self.unit_of_work(reads_only=True) as work:
            if await work.leads.get(lead_id) is None:
                raise LeadNotFound(lead_id)
            return await work.activities.page(lead_id, limit, after)


@dataclass(frozen=True, slots=True)
class ReadTimeline:
    unit_of_work: UnitsOfWork

    async def __call__(
        self, lead_id: LeadId, limit: int, after: Position | None
    ) -> Sequence[Event]:
        """What happened to the lead, newest first; LeadNotFound."""
        async with self.unit_of_work(reads_only=True) as work:
            if await work.leads.get(lead_id) is None:
                raise LeadNotFound(lead_id)
            return await work.timeline.page(lead_id, limit, after)
