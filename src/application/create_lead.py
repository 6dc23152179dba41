"""Take in one lead by hand or by form: checked, unique by e-mail, kept or refused whole."""

from dataclasses import dataclass

from application.ports import Clock, Ids, UnitsOfWork
from application.receipts import NO_RECEIPT, Receipt
from domain.lead import Lead, LeadId
from domain.lead_fields import LeadDetails
from domain.timeline import Actor, Event, EventId, EventType


@dataclass(frozen=True, slots=True)
class CreateLead:
    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids

    async def __call__(
        self, details: LeadDetails, by: Actor, receipt: Receipt = NO_RECEIPT
    ) -> Lead:
        """DuplicateLead if the e-mail, or the external id of this source, is taken."""
        lead = Lead.new(LeadId(self.ids.new()), details, self.clock.now())
        created = Event(
            id=EventId(self.ids.new()),
            lead_id=lead.id,
            type=EventType.CREATED,
            by=by,
            created_at=lead.created_at,
        )

        async with self.unit_of_work() as work:
            await receipt.claim(work)
            await work.leads.add(lead)
            await work.timeline.add([created])
            await receipt.keep(work, lead)

        return lead
