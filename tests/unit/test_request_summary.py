"""Asking for a summary: the row is committed first, the bell is rung after."""

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.system import SystemClock, UuidV7Ids
from application.ports import Bell
from application.request_summary import RequestSummary
from domain.errors import LeadNotFound
from domain.lead import LeadId
from domain.summary import RunState
from tests.builders import a_lead, an_open_gate
from tests.contracts.databases.recording import stored


class WatchingBells:
    """Takes down what was committed when the bell rang."""

    def __init__(self, database: MemoryDatabase, *, broken: bool = False) -> None:
        self.database = database
        self.broken = broken
        self.committed: list[int] = []
        self.lead_id = LeadId(UuidV7Ids().new())

    async def ring(self, bell: Bell) -> bool:
        assert bell is Bell.SUMMARIES
        async with self.database(reads_only=True) as work:
            runs = await work.summary_runs.page(self.lead_id, 10, None)
        self.committed.append(len(runs))
        return not self.broken


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase(SystemClock())


@pytest.fixture
def bells(database: MemoryDatabase) -> WatchingBells:
    return WatchingBells(database)


@pytest.fixture
def request_summary(database: MemoryDatabase, bells: WatchingBells) -> RequestSummary:
    return RequestSummary(database, bells, SystemClock(), UuidV7Ids(), an_open_gate())


async def test_the_bell_is_rung_once_the_run_is_committed(
    database: MemoryDatabase, bells: WatchingBells, request_summary: RequestSummary
) -> None:
    lead = await stored(database, id=bells.lead_id)

    await request_summary(lead.id)

    assert bells.committed == [1]


async def test_a_bell_that_cannot_be_rung_loses_nothing(
    database: MemoryDatabase, bells: WatchingBells, request_summary: RequestSummary
) -> None:
    bells.broken = True
    lead = await stored(database, id=bells.lead_id)

    run = await request_summary(lead.id)

    assert run.state is RunState.PENDING


async def test_who_joins_an_open_run_rings_no_bell_and_changes_nothing(
    database: MemoryDatabase, bells: WatchingBells, request_summary: RequestSummary
) -> None:
    lead = await stored(database, id=bells.lead_id)
    await request_summary(lead.id)

    await request_summary(lead.id)

    assert bells.committed == [1]
    async with database(reads_only=True) as work:
        after = await work.leads.get(lead.id)
    assert after is not None
    assert after.version == 2


async def test_there_is_no_summary_of_nobody(request_summary: RequestSummary) -> None:
    with pytest.raises(LeadNotFound):
        await request_summary(a_lead().id)
