"""What `Intake` and `SummaryRequests` come to where a store has no shorter way: step by step."""

from collections.abc import Collection, Sequence

from application.ports import Asked, Newcomer, SuppressionRepository
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


async def take_in_free_in_turn(
    leads: LeadRepository,
    suppressed: SuppressionRepository,
    timeline: TimelineRepository,
    newcomers: Sequence[Newcomer],
) -> Collection[LeadId]:
    """All that are free by three statements."""
    free = await leads.add_new([lead for lead, _ in newcomers])
    added = [newcomer for newcomer in newcomers if newcomer[0].id in free]
    await suppressed.lift([lead for lead, _ in added])
    await timeline.add([event for _, event in added])
    return free


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
