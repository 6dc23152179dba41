"""What the timeline is told of a lead that was taken in or changed."""

from application.ports import Ids
from domain.lead import Lead
from domain.timeline import Actor, Event, EventId, EventType, changes_between


def created(ids: Ids, lead: Lead, by: Actor) -> Event:
    return Event(
        id=EventId(ids.new()),
        lead_id=lead.id,
        type=EventType.CREATED,
        by=by,
        created_at=lead.created_at,
    )


def changed(ids: Ids, before: Lead, after: Lead, by: Actor) -> Event:
    return Event(
        id=EventId(ids.new()),
        lead_id=after.id,
        type=EventType.CHANGED,
        by=by,
        created_at=after.updated_at,
        changes=tuple(changes_between(before, after)),
    )
