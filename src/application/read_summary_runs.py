"""Show what became of each request to summarise a lead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports import UnitsOfWork
from domain.errors import LeadNotFound, SummaryRunEmpty, SummaryRunNotFound
from domain.lead import LeadId
from domain.ports import Position
from domain.run_diff import RunDiff
from domain.summary import SummaryRun, SummaryRunId


@dataclass(frozen=True, slots=True)
class GetSummaryRun:
    unit_of_work: UnitsOfWork

    async def __call__(self, lead_id: LeadId, run_id: SummaryRunId) -> SummaryRun:
        """SummaryRunNotFound; of a deleted lead's run all but the insight, which speaks of them."""
        async with self.unit_of_work(reads_only=True) as work:
            run = await work.summary_runs.get(lead_id, run_id)
            if run is None:
                raise SummaryRunNotFound(run_id)
            if run.insight is None or await work.leads.get(lead_id) is not None:
                return run
        return replace(run, insight=None)


@dataclass(frozen=True, slots=True)
class ListSummaryRuns:
    unit_of_work: UnitsOfWork

    async def __call__(
        self, lead_id: LeadId, limit: int, after: Position | None
    ) -> Sequence[SummaryRun]:
        """The lead's runs, newest first; LeadNotFound."""
        async with self.unit_of_work(reads_only=True) as work:
            if await work.leads.get(lead_id) is None:
                raise LeadNotFound(lead_id)
            return await work.summary_runs.page(lead_id, limit, after)


@dataclass(frozen=True, slots=True)
class DiffSummaryRun:
    unit_of_work: UnitsOfWork

    async def __call__(self, lead_id: LeadId, run_id: SummaryRunId) -> RunDiff:
        """Against the lead's insight before; SummaryRunNotFound, SummaryRunEmpty."""
        async with self.unit_of_work(reads_only=True) as work:
            run = await work.summary_runs.get(lead_id, run_id)
            if run is None:
                raise SummaryRunNotFound(run_id)
            if run.insight is None:
                raise SummaryRunEmpty(run_id)
            previous = await work.summary_runs.before(run)
        return RunDiff.of(run, previous)
