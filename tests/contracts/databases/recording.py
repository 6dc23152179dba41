"""A commit hook that takes down what it is told, and shortcuts that the contracts share."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from adapters.system import UuidV7Ids
from application.ports import CommitHook, Probe, UnitsOfWork
from domain.lead import Lead, LeadId
from domain.summary import LeaseToken, SummaryRun
from domain.sync import SyncRun
from tests.builders import a_lead, a_run

_ids = UuidV7Ids()


class Database(UnitsOfWork, Probe):
    """What the contracts ask for: both ports at once."""


class RecordingHook(CommitHook):
    """Takes down what it is told, and what `look` finds at each of these moments."""

    def __init__(self) -> None:
        self.told: list[tuple[str, list[tuple[UUID, int]]]] = []
        self.look: Callable[[], Awaitable[object]] | None = None
        self.found: list[object] = []

    async def before_commit(self, leads: Sequence[Lead]) -> None:
        await self._take_down("before", leads)

    async def after_commit(self, leads: Sequence[Lead]) -> None:
        await self._take_down("after", leads)

    async def _take_down(self, moment: str, leads: Sequence[Lead]) -> None:
        self.told.append((moment, [(lead.id, lead.version) for lead in leads]))
        if self.look:
            self.found.append(await self.look())


def a_token() -> LeaseToken:
    return LeaseToken(_ids.new())


async def stored(database: UnitsOfWork, **but: object) -> Lead:
    lead = a_lead(**but)
    async with database() as work:
        await work.leads.add(lead)
    return lead


async def requested(database: UnitsOfWork, lead: Lead) -> SummaryRun:
    async with database() as work:
        return await work.summary_runs.add(a_run(lead))


async def run_of(database: UnitsOfWork, run: SummaryRun) -> SummaryRun:
    async with database(reads_only=True) as work:
        found = await work.summary_runs.get(LeadId(run.lead_id), run.id)
    assert found is not None
    return found


async def sync_of(database: UnitsOfWork, run: SyncRun) -> SyncRun:
    async with database(reads_only=True) as work:
        found = await work.sync_runs.get(run.id)
    assert found is not None
    return found
