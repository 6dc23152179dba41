"""Find out whose summary still stands, so that nothing is paid twice."""

from collections.abc import Mapping, Sequence

from application.ports import UnitOfWork
from domain.lead import Lead, LeadId, SummaryStatus
from domain.summary import RunState, SummaryRun, SummaryRunId


async def true_summaries(work: UnitOfWork, leads: Sequence[Lead]) -> Mapping[LeadId, SummaryRun]:
    """The run whose summary a lead shows, for each of these of which it is still true."""
    made = {
        SummaryRunId(lead.basis.run_id): lead.id
        for lead in leads
        if lead.summary_status is SummaryStatus.READY and lead.basis and not lead.stale
    }
    if not made:
        return {}
    runs = await work.summary_runs.among(made)
    return {
        made[run.id]: run
        for run in runs
        if run.state is RunState.SUCCEEDED and made[run.id] == run.lead_id
    }
