"""Asking for many summaries: all in one transaction, and one ring at the door after it."""

from collections.abc import Sequence
from typing import Any

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.system import SystemClock, UuidV7Ids
from application.ports import Bell
from application.receipts import NoReceipt
from application.summarize_leads import SummarizeLeads
from domain.bulk_summary import BulkRequest
from domain.lead import Lead, SummaryStatus
from tests.builders import an_open_gate
from tests.contracts.databases.recording import RecordingHook, stored


class WatchingBells:
    """Takes down how many leads were waiting when the bell rang."""

    def __init__(self, database: MemoryDatabase) -> None:
        self.database = database
        self.waiting: list[int] = []

    async def ring(self, bell: Bell) -> bool:
        assert bell is Bell.SUMMARIES
        self.waiting.append(await waiting(self.database))
        return False


class FailingReceipt(NoReceipt):
    async def keep(self, work: Any, result: object) -> None:
        raise OSError


async def waiting(database: MemoryDatabase) -> int:
    async with database(reads_only=True) as work:
        leads = await work.leads.page(100, None)
        runs = await work.summary_runs.open_of([lead.id for lead in leads])
    marked = [lead for lead in leads if lead.summary_status is SummaryStatus.PROCESSING]
    assert {run.lead_id for run in runs} == {lead.id for lead in marked}
    return len(runs)


@pytest.fixture
def hook() -> RecordingHook:
    return RecordingHook()


@pytest.fixture
def database(hook: RecordingHook) -> MemoryDatabase:
    return MemoryDatabase(SystemClock(), hook)


@pytest.fixture
def bells(database: MemoryDatabase) -> WatchingBells:
    return WatchingBells(database)


@pytest.fixture
def summarize_leads(database: MemoryDatabase, bells: WatchingBells) -> SummarizeLeads:
    return SummarizeLeads(database, bells, SystemClock(), UuidV7Ids(), an_open_gate())


@pytest.fixture
async def leads(database: MemoryDatabase) -> Sequence[Lead]:
    return [await stored(database, email=f"lead{n}@example.com") for n in range(5)]


@pytest.mark.usefixtures("leads")
async def test_the_bell_is_rung_once_all_runs_are_committed(
    bells: WatchingBells, summarize_leads: SummarizeLeads
) -> None:
    await summarize_leads(BulkRequest())

    assert bells.waiting == [5]


@pytest.mark.usefixtures("leads")
async def test_no_bell_is_rung_for_nothing_new(
    bells: WatchingBells, summarize_leads: SummarizeLeads
) -> None:
    await summarize_leads(BulkRequest())
    await summarize_leads(BulkRequest())

    assert len(bells.waiting) == 1


async def test_the_cache_is_told_of_each_lead_that_waits_now(
    hook: RecordingHook, summarize_leads: SummarizeLeads, leads: Sequence[Lead]
) -> None:
    await summarize_leads(BulkRequest(limit=2))

    newest = {(lead.id, 2) for lead in leads[-2:]}
    assert [(moment, set(told)) for moment, told in hook.told] == [
        ("before", newest), ("after", newest),
    ]  # fmt: skip


@pytest.mark.usefixtures("leads")
async def test_nothing_is_asked_for_if_the_answer_cannot_be_kept(
    database: MemoryDatabase, bells: WatchingBells, summarize_leads: SummarizeLeads
) -> None:
    with pytest.raises(OSError):  # noqa: PT011
        await summarize_leads(BulkRequest(), FailingReceipt())

    assert (await waiting(database), bells.waiting) == (0, [])
