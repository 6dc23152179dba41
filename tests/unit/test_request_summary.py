"""Asking for a summary: the row is committed first, the bell is rung after."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.system import SystemClock, UuidV7Ids
from application.ai_gate import AiGate
from application.ports import Bell, UnitOfWork
from application.request_summary import RequestSummary
from application.spending import Spending
from domain.budget import DailyCaps
from domain.errors import AiBudgetExhausted, LeadNotFound
from domain.insight import SummarizerAnswer, Usage
from domain.lead import LeadId
from domain.ports import Paid, Summarizer
from domain.summary import RunState, SummaryRun
from domain.summary_input import SummaryInput
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


class PaidSummarizer(Summarizer, Paid):
    model = "flash"

    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        raise NotImplementedError

    def worst_case(self, known: SummaryInput) -> Usage:
        return Usage(1_000, 200)


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


async def test_what_is_asked_for_together_is_written_together(
    database: MemoryDatabase, request_summary: RequestSummary
) -> None:
    leads = [await stored(database, email=f"{n}@example.com") for n in range(5)]
    units: list[int] = []

    def counted(*, reads_only: bool = False) -> AbstractAsyncContextManager[UnitOfWork]:
        units.append(not reads_only)
        return database(reads_only=reads_only)

    asked = replace(request_summary, unit_of_work=counted)
    runs = await asyncio.gather(*(asked(lead.id) for lead in leads))

    assert [run.lead_id for run in runs] == [lead.id for lead in leads]
    assert sum(units) <= 2


async def test_a_lead_without_room_is_refused_beside_one_that_needs_none(
    database: MemoryDatabase, bells: WatchingBells
) -> None:
    spent = Spending(database, SystemClock(), prices={}, caps=DailyCaps(calls=0))
    gate = AiGate(spent, {"paid": PaidSummarizer()})
    request = RequestSummary(database, bells, SystemClock(), UuidV7Ids(), gate)
    known = await stored(database, email="a@example.com", notes="Wants a demo.")
    sparse = await stored(database, email="b@example.com", company=None, notes=None)

    refused, asked = await asyncio.gather(
        request(known.id), request(sparse.id), return_exceptions=True
    )

    assert isinstance(refused, AiBudgetExhausted)
    assert isinstance(asked, SummaryRun)
