"""Change, delete and restore one lead: read it under a lock, so that no update is lost.

A caller who says which version it knows is refused when the lead has moved on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from application.lead_events import changed
from application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from application.receipts import NO_RECEIPT, Receipt
from domain.errors import LeadNotFound, LeadVersionMismatch
from domain.lead import Lead, LeadId
from domain.summary import LEAD_DELETED
from domain.timeline import Actor, Event, EventId, EventType


@dataclass(frozen=True, slots=True)
class ChangeLead:
    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids

    async def __call__(
        self,
        lead_id: LeadId,
        changes: Mapping[str, object],
        by: Actor,
        known: Collection[int] | None = None,
    ) -> Lead:
        """The lead with these fields replaced; None clears, and what is not named stays.

        InvalidLead, DuplicateLead, LeadNotFound; LeadVersionMismatch where it is in none of the
        `known` versions. Where nothing is different nothing is written.
        """
        async with self.unit_of_work() as work:
            lead = await _held(work, lead_id)
            # what makes no sense makes none in any version
            after = lead.changed(changes, self.clock.now())
            _refuse_other_versions(lead, known)
            if after is not lead:
                await work.leads.save(after)
                await work.timeline.add([changed(self.ids, lead, after, by)])

        return after


@dataclass(frozen=True, slots=True)
class DeleteLead:
    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids

    async def __call__(
        self, lead_id: LeadId, by: Actor, known: Collection[int] | None = None
    ) -> None:
        """Not seen any more, its e-mail free, and its open run at its end: nobody wants it now.

        No source brings it back until it is restored, or taken in by hand.
        LeadNotFound, LeadVersionMismatch.
        """
        async with self.unit_of_work() as work:
            lead = await _held(work, lead_id)
            _refuse_other_versions(lead, known)
            deleted = lead.deleted(self.clock.now())
            await work.leads.save(deleted)
            await work.suppressed.add(deleted)
            await work.summary_runs.give_up(lead_id, LEAD_DELETED, deleted.updated_at)
            await work.timeline.add([_event(self.ids, deleted, EventType.DELETED, by)])


@dataclass(frozen=True, slots=True)
class RestoreLead:
    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, lead_id: LeadId, by: Actor, receipt: Receipt = NO_RECEIPT) -> Lead:
        """The lead as it was; as it is, if it was not deleted.

        LeadNotFound if there never was one; DuplicateLead if its e-mail, or its external id, was
        taken meanwhile.
        """
        async with self.unit_of_work() as work:
            await receipt.claim(work)
            lead = await work.leads.get_even_deleted(lead_id)
            if lead is None:
                raise LeadNotFound(lead_id)
            if lead.deleted_at is not None:
                lead = lead.restored(self.clock.now())
                await work.leads.save(lead)
                await work.suppressed.lift([lead])
                await work.timeline.add([_event(self.ids, lead, EventType.RESTORED, by)])
            await receipt.keep(work, lead)

        return lead


async def _held(work: UnitOfWork, lead_id: LeadId) -> Lead:
    lead = await work.leads.get(lead_id, for_update=True)
    if lead is None:
        raise LeadNotFound(lead_id)
    return lead


def _refuse_other_versions(lead: Lead, known: Collection[int] | None) -> None:
    if known is not None and lead.version not in known:
        raise LeadVersionMismatch(lead.id, lead.version)


def _event(ids: Ids, lead: Lead, type: EventType, by: Actor) -> Event:
    return Event(
        id=EventId(ids.new()), lead_id=lead.id, type=type, by=by, created_at=lead.updated_at
    )
