"""Gather what a summarizer may know of a lead, and keep what its answer was made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from application.in_batches import InBatches
from application.ports import UnitsOfWork
from domain.activity import Activity
from domain.basis import Basis, fact_digests
from domain.insight import SummarizerAnswer
from domain.lead import Lead, LeadId
from domain.summary import SummaryRun
from domain.summary_input import (
    ACTIVITIES,
    ACTIVITY_TEXT,
    STAGE_MOVES,
    KnownActivity,
    SummaryInput,
)

Known: TypeAlias = tuple[Lead | None, SummaryInput]
NOTHING: Known = (None, SummaryInput({}))


@dataclass(eq=False, slots=True)
class KnownLeads:
    """Whoever asks at the same time is answered by the same few statements."""

    unit_of_work: UnitsOfWork
    _read: InBatches[LeadId, Known] = field(init=False)

    def __post_init__(self) -> None:
        self._read = InBatches(self._read_all)

    async def __call__(self, lead_id: LeadId) -> Known:
        """The lead as it is now, if it is there, and what a summarizer may know of it."""
        return await self._read(lead_id)

    async def _read_all(self, lead_ids: Sequence[LeadId]) -> Sequence[Known]:
        async with self.unit_of_work(reads_only=True) as work:
            # the leads first: what comes in meanwhile is then known, and told as new all the same
            leads = {lead.id: lead for lead in await work.leads.among(lead_ids)}
            activities = await work.activities.newest_of(leads, ACTIVITIES)
            moves = await work.timeline.stage_moves_of(leads, STAGE_MOVES)
        known = {
            lead.id: (
                lead,
                SummaryInput(
                    lead.facts,
                    tuple(map(_known, activities.get(lead.id, ()))),
                    tuple(moves.get(lead.id, ())),
                ),
            )
            for lead in leads.values()
        }
        return [known.get(lead_id, NOTHING) for lead_id in lead_ids]


def basis_of(run: SummaryRun, lead: Lead, known: SummaryInput, answer: SummarizerAnswer) -> Basis:
    """What the answer was made of: `known` was gathered of `lead` as it is here."""
    return Basis(
        run_id=run.id,
        provider=answer.provider,
        model=answer.model,
        input_hash=known.digest,
        confidence=known.confidence,
        missing=tuple(known.missing),
        facts=fact_digests(known.facts),
        activities=lead.activities,
        stage_moves=lead.stage_moves,
    )


def _known(activity: Activity) -> KnownActivity:
    return KnownActivity(
        id=str(activity.id),
        type=activity.type.value,
        on=activity.occurred_at.date().isoformat(),
        text=activity.text[:ACTIVITY_TEXT],
    )
