"""Take in one lead by hand or by form: checked, unique by e-mail, kept or refused whole."""

from dataclasses import dataclass

from application.lead_events import created
from application.ports import Clock, Ids, UnitsOfWork
from application.receipts import NO_RECEIPT, Receipt
from domain.lead import Lead, LeadId
from domain.lead_fields import LeadDetails
from domain.timeline import Actor


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

        async with self.unit_of_work() as work:
            await receipt.claim(work)
            await work.intake.take_in(lead, created(self.ids, lead, by))
            await receipt.keep(work, lead)

        return lead
