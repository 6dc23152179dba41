"""Take in one lead by hand or by form: checked, unique by e-mail, kept or refused whole.

Those that come together are written together. Who clashes with somebody goes alone, to be told
with whom; and so do all where somebody is about to take a key of one of them, as who waits for
that is to hold up nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.in_batches import PATIENCE_SECONDS, InBatches
from application.lead_events import created
from application.ports import Clock, Ids, Newcomer, UnitsOfWork
from application.receipts import NO_RECEIPT, Receipt
from domain.lead import Lead, LeadId
from domain.lead_fields import LeadDetails
from domain.timeline import Actor


@dataclass(eq=False, slots=True)
class CreateLead:
    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids
    _take_in: InBatches[Newcomer, bool] = field(init=False)

    def __post_init__(self) -> None:
        self._take_in = InBatches(self._take_in_free, patience=PATIENCE_SECONDS)

    async def __call__(
        self, details: LeadDetails, by: Actor, receipt: Receipt = NO_RECEIPT
    ) -> Lead:
        """DuplicateLead if the e-mail, or the external id of this source, is taken."""
        lead = Lead.new(LeadId(self.ids.new()), details, self.clock.now())
        event = created(self.ids, lead, by)

        if receipt is NO_RECEIPT and await self._take_in((lead, event)):
            return lead

        async with self.unit_of_work() as work:
            await receipt.claim(work)
            await work.intake.take_in(lead, event)
            await receipt.keep(work, lead)

        return lead

    async def _take_in_free(self, newcomers: Sequence[Newcomer]) -> Sequence[bool]:
        async with self.unit_of_work() as work:
            taken_in = await work.intake.take_in_free(newcomers)
        return [lead.id in taken_in for lead, _ in newcomers]
