"""What `Intake` and `SummaryRequests` come to where a store has no shorter way: step by step."""

from application.ports import SuppressionRepository
from domain.errors import LeadChanged
from domain.lead import Lead
from domain.ports import LeadRepository, SummaryRunRepository, TimelineRepository
from domain.summary import SummaryRun
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
    leads: LeadRepository, runs: SummaryRunRepository, run: SummaryRun, lead: Lead
) -> None:
    """LeadChanged if the version before is not what is stored, or has an open run."""
    stored = await leads.get(lead.id, for_update=True)
    if stored is None or stored.version != lead.version - 1:
        raise LeadChanged(lead.id)
    if (await runs.add(run)).id != run.id:
        raise LeadChanged(lead.id)
    await leads.save(lead)
