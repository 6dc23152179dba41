"""Take in one lead by its address: a new one, or what was named for the one that has it."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.lead_events import changed, created
from application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from application.receipts import NO_RECEIPT, Receipt
from domain.errors import DatabaseUnavailable, DuplicateLead
from domain.lead import Lead, LeadId
from domain.lead_fields import GivenDetails
from domain.timeline import Actor

TRIES = 10


@dataclass(frozen=True, slots=True)
class UpsertLead:
    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids

    async def __call__(
        self, fields: Mapping[str, object], by: Actor, receipt: Receipt = NO_RECEIPT
    ) -> tuple[Lead, bool]:
        """The lead, and whether it is new; where nothing is different nothing is written.

        InvalidLead; DuplicateLead if another lead has its external id.
        """
        given = GivenDetails.of(fields)
        async with self.unit_of_work() as work:
            await receipt.claim(work)
            upserted = await self._upserted(work, given, by)
            await receipt.keep(work, upserted)
        return upserted

    async def _upserted(
        self, work: UnitOfWork, given: GivenDetails, by: Actor
    ) -> tuple[Lead, bool]:
        for _ in range(TRIES):
            for known in await work.leads.hold([given.details.email_key]):
                return await self._update(work, known, given, by), False
            try:
                return await self._add(work, given, by), True
            except DuplicateLead as taken:
                if taken.field != "email":
                    raise
                # by somebody who was just adding it, and may be gone by the next look
        raise DatabaseUnavailable("the address was taken and set free again and again")

    async def _add(self, work: UnitOfWork, given: GivenDetails, by: Actor) -> Lead:
        lead = Lead.new(LeadId(self.ids.new()), given.details, self.clock.now())
        await work.leads.add(lead)
        await work.suppressed.lift([lead])
        await work.timeline.add([created(self.ids, lead, by)])
        return lead

    async def _update(self, work: UnitOfWork, known: Lead, given: GivenDetails, by: Actor) -> Lead:
        lead = known.updated_by(given, self.clock.now())
        if lead is not known:
            await work.leads.save(lead)
            await work.timeline.add([changed(self.ids, known, lead, by)])
        return lead
