"""Take in many leads at once: set by set, in one transaction, and one fate for each row."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from application.lead_events import changed, created
from application.one_at_a_time import OneAtATime
from application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from application.receipts import NO_RECEIPT, Receipt
from application.upsert_lead import TRIES
from domain.batch import BatchMode, Fate, LeadBatch, Verdict
from domain.batch_plan import BatchPlan
from domain.errors import DatabaseUnavailable, DuplicateLead, InvalidLead
from domain.lead import Lead, LeadId, Origin
from domain.lead_fields import GivenDetails
from domain.timeline import Actor


class Overtaken(Exception):
    """Somebody took an address or an external id between our look and our write."""


@dataclass(frozen=True, slots=True)
class TakeInBatch:
    """One batch at a time in each process, as several may want the same rows."""

    unit_of_work: UnitsOfWork
    clock: Clock
    ids: Ids
    _turn: OneAtATime = field(default_factory=OneAtATime, init=False)

    async def __call__(
        self, batch: LeadBatch, by: Actor, receipt: Receipt = NO_RECEIPT
    ) -> Sequence[Fate]:
        """The fate of each row, in their order; a dry run writes nothing, no receipt either."""
        # hundreds of rows are not to hold up everybody else
        checked = await asyncio.to_thread(_checked, batch)
        rows = [row for row in checked if isinstance(row, GivenDetails)]
        if not rows:
            return _all(checked, [])
        if batch.dry_run:
            return _all(checked, await self._foretold(batch.mode, rows))
        async with self._turn():
            for _ in range(TRIES):
                try:
                    async with self.unit_of_work() as work:
                        await receipt.claim(work)
                        fates = _all(checked, await self._write(work, batch.mode, rows, by))
                        await receipt.keep(work, fates)
                except (Overtaken, DuplicateLead):
                    # nothing was written: what they took is seen by the next try
                    continue
                return fates
        raise DatabaseUnavailable("others took what this batch was to take, again and again")

    async def _foretold(self, mode: BatchMode, rows: Sequence[GivenDetails]) -> Sequence[Fate]:
        async with self.unit_of_work(reads_only=True) as work:
            known = await work.leads.matching([], _keys(rows))
            plan, fates = await self._plan(work, mode, rows, known)
        # nobody can ask for a lead that was not made
        unmade = {lead.id for lead in plan.added()}
        return [
            Fate(
                fate.verdict,
                None if fate.lead_id in unmade else fate.lead_id,
                None if fate.existing_id in unmade else fate.existing_id,
                fate.field,
            )
            for fate in fates
        ]

    async def _write(
        self, work: UnitOfWork, mode: BatchMode, rows: Sequence[GivenDetails], by: Actor
    ) -> Sequence[Fate]:
        keys = _keys(rows)
        if mode is BatchMode.UPSERT:
            known = await work.leads.hold(keys)
        else:
            known = await work.leads.matching([], keys)
        plan, fates = await self._plan(work, mode, rows, known)

        added, replaced = plan.added(), plan.changed()
        if len(await work.leads.add_new(added)) < len(added):
            raise Overtaken
        await work.suppressed.lift(added)
        await work.leads.save_all([after for _, after in replaced])
        await work.timeline.add(
            [
                *(created(self.ids, lead, by) for lead in added),
                *(changed(self.ids, before, after, by) for before, after in replaced),
            ]
        )
        return fates

    async def _plan(
        self,
        work: UnitOfWork,
        mode: BatchMode,
        rows: Sequence[GivenDetails],
        known: Sequence[Lead],
    ) -> tuple[BatchPlan, Sequence[Fate]]:
        """The plan once it has met every holder that it asks for: after one look, nearly always."""
        now = self.clock.now()
        news = [Lead.new(LeadId(self.ids.new()), row.details, now) for row in rows]
        holders: list[Lead] = []
        met = set[Origin]()
        while True:
            plan = BatchPlan(known, holders, now)
            fates = [plan.judge(row, new, mode) for row, new in zip(rows, news, strict=True)]
            unmet = plan.asked - met
            if not unmet:
                return plan, fates
            holders += await work.leads.matching(unmet, [])
            met |= unmet


def _checked(batch: LeadBatch) -> Sequence[GivenDetails | Fate]:
    """The details of each row, or what is wrong with it."""
    checked: list[GivenDetails | Fate] = []
    for row in batch.rows:
        try:
            checked.append(batch.details_of(row))
        except InvalidLead as invalid:
            checked.append(Fate(Verdict.INVALID, problems=invalid.problems))
    return checked


def _all(checked: Sequence[GivenDetails | Fate], judged: Sequence[Fate]) -> Sequence[Fate]:
    """The fates of all rows, of which those without a flaw were judged."""
    valid = iter(judged)
    return [row if isinstance(row, Fate) else next(valid) for row in checked]


def _keys(rows: Sequence[GivenDetails]) -> set[str]:
    return {row.details.email_key for row in rows}
