"""Merge one batch of offered leads into what is known: set by set, never row by row."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from application.checked_rows import Checked, CheckedRows
from application.lead_events import created
from application.pauses import unhurried
from application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from domain.incoming import IncomingLead
from domain.lead import Lead, LeadId
from domain.lead_fields import LeadDetails
from domain.merge_plan import MergePlan
from domain.sync import Reject, SyncCounts
from domain.timeline import Actor, ActorKind, Event, EventId, EventType, changes_between


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a batch; `rejects` are its rows that made no sense, or met two leads."""

    counts: SyncCounts
    rejects: Sequence[Reject]


Batch: TypeAlias = Sequence[IncomingLead] | CheckedRows
Also: TypeAlias = Callable[[UnitOfWork, Merged], Awaitable[None]]


class _Undone(Exception):
    def __init__(self, merged: Merged) -> None:
        super().__init__()
        self.merged = merged


@dataclass(frozen=True, slots=True)
class MergeLeads:
    """A row fills blanks of the lead that it meets, or else is a new one.

    It meets the lead with its source and external id, or else the one with its address; if its
    phone is another lead's, it is left alone. What a person wrote or cleared stays so, and whom
    a person deleted stays away.
    """

    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, source: str, batch: Batch, also: Also | None = None) -> Merged:
        """The fate of each row; a broken row costs only itself.

        `also` is done in the same transaction; what it raises rolls the batch back and goes on.
        """
        checked = batch if isinstance(batch, CheckedRows) else await CheckedRows.of(source, batch)
        rows, invalid = checked.rows, checked.rejects

        async with self.unit_of_work() as work:
            merged = await self._merge(work, source, rows)
            fetched = len(rows) + len(invalid)
            counts = merged.counts + SyncCounts(fetched=fetched, invalid=len(invalid))
            merged = Merged(counts, [*invalid, *merged.rejects])
            if also:
                await also(work, merged)
        return merged

    async def foretell(self, source: str, batch: Batch) -> Merged:
        """What would become of each row, with nothing written."""

        async def undo(_: UnitOfWork, merged: Merged) -> None:
            raise _Undone(merged)

        try:
            return await self(source, batch, undo)
        except _Undone as undone:
            return undone.merged

    async def _merge(self, work: UnitOfWork, source: str, rows: Sequence[Checked]) -> Merged:
        known = await work.leads.matching(
            {(source, row.external_id) for _, row in rows if row.external_id},
            {row.email_key for _, row in rows},
        )
        plan = MergePlan(known)
        doubtful = plan.doubtful_phones(row for _, row in rows)
        plan.phones = await work.leads.sole_holders(doubtful) if doubtful else {}
        async for few in unhurried(rows):
            for incoming, row in few:
                plan.judge(incoming, row)

        by = Actor(ActorKind.SOURCE, source)
        counts = await self._fill(work, plan.met, by) + await self._add(work, plan.fresh, by)
        judged = SyncCounts(duplicate=plan.duplicates, ambiguous=len(plan.ambiguous))
        return Merged(counts + judged, plan.ambiguous)

    async def _fill(
        self, work: UnitOfWork, offered: Sequence[tuple[Lead, LeadDetails]], by: Actor
    ) -> SyncCounts:
        """Fill what is blank, in leads that nobody else writes meanwhile; who is gone stays so."""
        now = self.clock.now()
        wanting = {
            lead.email_key for lead, row in offered if lead.filled_from(row, now) is not lead
        }
        held = {lead.id: lead for lead in await work.leads.hold(wanting)} if wanting else {}
        # once they are held: a blank that a person has ever changed is one that a person made
        edited = await work.timeline.changed_by_keys(held) if held else {}
        filled = [
            (lead, after)
            for known, row in offered
            if (lead := held.get(known.id))
            and (after := lead.filled_from(row, now, edited.get(lead.id, ()))) is not lead
        ]
        await work.leads.save_all([after for _, after in filled])
        await work.timeline.add([self._synced(before, after, by) for before, after in filled])
        return SyncCounts(updated=len(filled), unchanged=len(offered) - len(filled))

    async def _add(self, work: UnitOfWork, rows: Sequence[LeadDetails], by: Actor) -> SyncCounts:
        now = self.clock.now()
        offered = [
            Lead.new(LeadId(self.ids.new()), row, now)
            async for few in unhurried(rows)
            for row in few
        ]
        # after the look at who is known: who was deleted before that look is seen here
        suppressed = await work.suppressed.among(offered)
        fresh = [lead for lead in offered if lead.id not in suppressed] if suppressed else offered
        added = await work.leads.add_new(fresh) if fresh else set()
        told = fresh
        if len(added) < len(fresh):
            told = [lead for lead in fresh if lead.id in added]
        await work.timeline.add(
            [created(self.ids, lead, by) async for few in unhurried(told) for lead in few]
        )
        return SyncCounts(
            created=len(added), duplicate=len(fresh) - len(added), suppressed=len(suppressed)
        )

    def _synced(self, before: Lead, after: Lead, by: Actor) -> Event:
        return Event(
            id=EventId(self.ids.new()),
            lead_id=after.id,
            type=EventType.SYNCED,
            by=by,
            created_at=after.updated_at,
            changes=tuple(changes_between(before, after)),
        )
