"""Merge one batch of offered leads into what is known: set by set, never row by row."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from domain.errors import InvalidLead, LeadChanged
from domain.incoming import IncomingLead
from domain.lead import Lead, LeadId
from domain.lead_fields import LeadDetails
from domain.sync import SyncCounts

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class MergeLeads:
    """A row from the same source and external id fills blanks, a known e-mail is a duplicate.

    A row without an external id is known by its address, within its source.
    """

    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, source: str, batch: Sequence[IncomingLead]) -> SyncCounts:
        """The fate of each row; a broken row costs only itself."""
        rows, invalid = self._checked(source, batch)
        by_key = {row.email_key: row for row in reversed(rows)}
        first_of_key = {id(row) for row in by_key.values()}
        unique = [row for row in rows if id(row) in first_of_key]
        repeated = len(rows) - len(unique)

        merged = await self._merged(source, unique)

        return merged + SyncCounts(fetched=len(batch), invalid=invalid, duplicate=repeated)

    async def _merged(self, source: str, rows: Sequence[LeadDetails]) -> SyncCounts:
        """In one transaction; again if somebody edited one of these leads meanwhile."""
        for _ in range(ATTEMPTS - 1):
            try:
                async with self.unit_of_work() as work:
                    return await self._merge(work, source, rows)
            except LeadChanged:
                continue
        async with self.unit_of_work() as work:
            return await self._merge(work, source, rows)

    def _checked(self, source: str, batch: Sequence[IncomingLead]) -> tuple[list[LeadDetails], int]:
        rows, invalid = [], 0
        for incoming in batch:
            try:
                rows.append(incoming.details(source))
            except InvalidLead:
                invalid += 1
        return rows, invalid

    async def _merge(
        self, work: UnitOfWork, source: str, rows: Sequence[LeadDetails]
    ) -> SyncCounts:
        now = self.clock.now()
        known = await work.leads.matching(
            source,
            {row.external_id for row in rows if row.external_id},
            {row.email_key for row in rows},
        )
        ours = [lead for lead in known if lead.source == source]
        by_external_id = {lead.external_id: lead for lead in ours if lead.external_id}
        by_address = {lead.email_key: lead for lead in ours}
        keys = {lead.email_key for lead in known}

        counts, fresh = SyncCounts(), []
        for row in rows:
            if row.external_id:
                lead = by_external_id.get(row.external_id)
            else:
                lead = by_address.get(row.email_key)
            if lead is not None:
                counts += await self._fill(work, lead, row)
            elif row.email_key in keys:
                counts += SyncCounts(duplicate=1)
            else:
                fresh.append(Lead.new(LeadId(self.ids.new()), row, now))
        created = len(await work.leads.add_new(fresh)) if fresh else 0
        return counts + SyncCounts(created=created, duplicate=len(fresh) - created)

    async def _fill(self, work: UnitOfWork, lead: Lead, row: LeadDetails) -> SyncCounts:
        filled = lead.filled_from(row, self.clock.now())
        if filled is lead:
            return SyncCounts(unchanged=1)
        await work.leads.save(filled)
        return SyncCounts(updated=1)
