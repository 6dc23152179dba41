"""What `Intake` and `SummaryRequests` come to where a store has no shorter way: step by step."""

from collections.abc import Sequence

from application.ports import Asked, SuppressionRepository
from domain.lead import Lead, LeadId
from domain.ports import LeadRepository, SummaryRunRepository, TimelineRepository
from domain.timeline import Event


async def take_in_in_turn(
    leads: LeadRepository,
    suppressed: SuppressionRepository,
    timeline: TimelineRepository,
    lead: Lead,
    event: Event,
) -> None:
    """DuplicateLead if a key of it is taken."""
    await leads.add(lead)
    await suppressed.lift([lead])
    await timeline.add([event])


async def ask_in_turn(
    leads: LeadRepository, runs: SummaryRunRepository, asked: Sequence[Asked]
) -> set[LeadId]:
    written = set[LeadId]()
    for run, lead in asked:
        stored = await leads.get(lead.id, for_update=True)
        if stored is None or stored.version != lead.version - 1:
            continue
        if (await runs.add(run)).id == run.id:
            await leads.save(lead)
            written.add(lead.id)
    return written
