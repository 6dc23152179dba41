"""Merge one batch of offered leads into what is known: set by set, never row by row."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from application.lead_events import created
from application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from domain.errors import InvalidLead
from domain.incoming import IncomingLead
from domain.lead import Lead, LeadId
from domain.lead_fields import LeadDetails
from domain.sync import Reject, SyncCounts
from domain.timeline import Actor, ActorKind, Event, EventId, EventType, changes_between


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a batch; `rejects` are its rows that made no sense."""

    counts: SyncCounts
    rejects: Sequence[Reject]


@dataclass(frozen=True, slots=True)
class MergeLeads:
    """A row from the same source and external id fills blanks, a known e-mail is a duplicate.

    A row without an external id is known by its address, within its source.
    """

    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, source: str, batch: Sequence[IncomingLead]) -> Merged:
        """The fate of each row; a broken row costs only itself."""
        # thousands of rows, or one of megabytes, are not to hold up everybody else
        rows, rejects = await asyncio.to_thread(self._checked, source, batch)
        unique = _first_of_each(rows)
        repeated = len(rows) - len(unique)

        async with self.unit_of_work() as work:
            merged = await self._merge(work, source, unique)

        counts = SyncCounts(fetched=len(batch), invalid=len(rejects), duplicate=repeated)
        return Merged(merged + counts, rejects)

    def _checked(
        self, source: str, batch: Sequence[IncomingLead]
    ) -> tuple[list[LeadDetails], list[Reject]]:
        rows, rejects = [], []
        for incoming in batch:
            try:
                rows.append(incoming.details(source))
            except InvalidLead as invalid:
                rejects.append(Reject.of(incoming.fields, invalid.problems))
        return rows, rejects

    async def _merge(
        self, work: UnitOfWork, source: str, rows: Sequence[LeadDetails]
    ) -> SyncCounts:
        now = self.clock.now()
        known = await work.leads.matching(
            {(source, row.external_id) for row in rows if row.external_id},
            {row.email_key for row in rows},
        )
        ours = [lead for lead in known if lead.source == source]
        by_external_id = {lead.external_id: lead for lead in ours if lead.external_id}
        by_address = {lead.email_key: lead for lead in ours}
        keys = {lead.email_key for lead in known}

        counts, fresh, met = SyncCounts(), list[Lead](), set[LeadId]()
        offered: list[tuple[Lead, LeadDetails]] = []
        for row in rows:
            if row.external_id:
                lead = by_external_id.get(row.external_id)
            else:
                lead = by_address.get(row.email_key)
            if lead is not None and lead.id not in met:
                met.add(lead.id)
                offered.append((lead, row))
            elif lead is not None or row.email_key in keys:
                counts += SyncCounts(duplicate=1)
            else:
                fresh.append(Lead.new(LeadId(self.ids.new()), row, now))
        counts += await self._fill(work, offered)
        added = await work.leads.add_new(fresh) if fresh else set()
        by = Actor(ActorKind.SOURCE, source)
        await work.timeline.add([created(self.ids, lead, by) for lead in fresh if lead.id in added])
        return counts + SyncCounts(created=len(added), duplicate=len(fresh) - len(added))

    async def _fill(
        self, work: UnitOfWork, offered: Sequence[tuple[Lead, LeadDetails]]
    ) -> SyncCounts:
        """Fill what is blank, in leads that nobody else writes meanwhile; who is gone stays so."""
        now = self.clock.now()
        wanting = {
            lead.email_key for lead, row in offered if lead.filled_from(row, now) is not lead
        }
        held = {lead.id: lead for lead in await work.leads.hold(wanting)} if wanting else {}
        filled = [
            (lead, after)
            for known, row in offered
            if (lead := held.get(known.id)) and (after := lead.filled_from(row, now)) is not lead
        ]
        await work.leads.save_all([after for _, after in filled])
        await work.timeline.add([self._synced(before, after) for before, after in filled])
        return SyncCounts(updated=len(filled), unchanged=len(offered) - len(filled))

    def _synced(self, before: Lead, after: Lead) -> Event:
        return Event(
            id=EventId(self.ids.new()),
            lead_id=after.id,
            type=EventType.SYNCED,
            by=Actor(ActorKind.SOURCE, after.source),
            created_at=after.updated_at,
            changes=tuple(changes_between(before, after)),
        )


def _first_of_each(rows: Sequence[LeadDetails]) -> list[LeadDetails]:
    """Without those that repeat the address or the external id of a row that is kept."""
    kept, keys, external_ids = [], set[str](), set[str]()
    for row in rows:
        if row.email_key not in keys and row.external_id not in external_ids:
            kept.append(row)
            keys.add(row.email_key)
            if row.external_id:
                external_ids.add(row.external_id)
    return kept
