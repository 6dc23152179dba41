"""Gather what a summarizer may know of a lead, and keep what its answer was made of."""

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


async def known_of(unit_of_work: UnitsOfWork, lead_id: LeadId) -> tuple[Lead | None, SummaryInput]:
    """The lead as it is now, if it is there, and what a summarizer may know of it."""
    async with unit_of_work(reads_only=True) as work:
        # the lead first: what comes in meanwhile is then known, and told as new all the same
        lead = await work.leads.get(lead_id)
        if lead is None:
            return None, SummaryInput({})
        activities = await work.activities.page(lead_id, ACTIVITIES, None)
        moves = await work.timeline.stage_moves(lead_id, STAGE_MOVES)
    return lead, SummaryInput(lead.facts, tuple(map(_known, activities)), tuple(moves))


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
