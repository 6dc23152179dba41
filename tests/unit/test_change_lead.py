"""Changes of a lead and what is told of them: both or none, whatever the commit does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.system import SystemClock, UuidV7Ids
from application.change_lead import ChangeLead, DeleteLead, RestoreLead
from application.create_lead import CreateLead
from application.lead_history import AddActivity
from application.ports import UnitOfWork, UnitsOfWork
from domain.errors import LeadVersionMismatch
from domain.lead import Lead, SummaryStatus
from domain.summary import RunState
from domain.timeline import EventType
from tests.builders import NOW, SOMEBODY, a_lead, a_run, some_details


class FailingCommits(UnitsOfWork):
    """A database that so many writers may still commit to; None for all."""

    def __init__(self) -> None:
        self.left: int | None = None
        self._database = MemoryDatabase(SystemClock())

    @asynccontextmanager
    async def __call__(self, *, reads_only: bool = False) -> AsyncIterator[UnitOfWork]:
        async with self._database(reads_only=reads_only) as work:
            yield work
            if self.left is not None and not reads_only:
                if self.left == 0:
                    raise ZeroDivisionError
                self.left -= 1


class Bench:
    """A database with one lead that is processing, and what changes it."""

    def __init__(self) -> None:
        self.database = FailingCommits()
        parts = self.database, SystemClock(), UuidV7Ids()
        self.change, self.delete, self.restore = (
            ChangeLead(*parts), DeleteLead(*parts), RestoreLead(*parts),
        )  # fmt: skip
        self.add_activity = AddActivity(*parts)
        self.lead = a_lead().awaiting_summary(NOW)
        self.run = a_run(self.lead)

    async def prepare(self) -> None:
        async with self.database() as work:
            await work.leads.add(self.lead)
            await work.summary_runs.add(self.run)

    async def kept(self) -> tuple[Lead, RunState, list[EventType]]:
        """The lead, its run's state, and what its timeline tells."""
        async with self.database(reads_only=True) as work:
            lead = await work.leads.get_even_deleted(self.lead.id)
            run = await work.summary_runs.get(self.lead.id, self.run.id)
            events = await work.timeline.page(self.lead.id, 10, None)
        assert lead is not None
        assert run is not None
        return lead, run.state, [event.type for event in events]


Act = Callable[[Bench], Awaitable[object]]


async def change(bench: Bench) -> object:
    return await bench.change(bench.lead.id, {"phone": "1"}, SOMEBODY)


async def delete(bench: Bench) -> None:
    await bench.delete(bench.lead.id, SOMEBODY)


async def restore(bench: Bench) -> object:
    return await bench.restore(bench.lead.id, SOMEBODY)


async def note(bench: Bench) -> object:
    return await bench.add_activity(bench.lead.id, {"type": "note", "text": "Hello."}, SOMEBODY)


@pytest.mark.parametrize(
    ("before", "act", "told"),
    [
        ([], change, EventType.CHANGED),
        ([], delete, EventType.DELETED),
        ([delete], restore, EventType.RESTORED),
        ([], note, EventType.ACTIVITY),
    ],
)
async def test_what_happens_and_its_event_are_written_by_one_commit(
    before: list[Act], act: Act, told: EventType
) -> None:
    bench = Bench()
    await bench.prepare()
    for earlier in before:
        await earlier(bench)
    was = await bench.kept()

    bench.database.left = 0
    with pytest.raises(ZeroDivisionError):
        await act(bench)
    assert await bench.kept() == was

    bench.database.left = 1
    await act(bench)
    _, _, events = await bench.kept()
    assert events[0] is told


async def test_a_new_lead_and_its_event_are_written_by_one_commit() -> None:
    bench = Bench()
    create = CreateLead(bench.database, SystemClock(), UuidV7Ids())

    bench.database.left = 1
    lead = await create(some_details(), SOMEBODY)

    async with bench.database(reads_only=True) as work:
        events = await work.timeline.page(lead.id, 10, None)
    assert [event.type for event in events] == [EventType.CREATED]


async def test_a_lead_is_deleted_with_its_open_run() -> None:
    bench = Bench()
    await bench.prepare()

    await delete(bench)

    lead, state, _ = await bench.kept()
    assert (lead.summary_status, state) == (SummaryStatus.FAILED, "failed")


async def test_a_version_that_is_not_known_is_told() -> None:
    bench = Bench()
    await bench.prepare()

    with pytest.raises(LeadVersionMismatch) as refused:
        await bench.change(bench.lead.id, {"phone": "1"}, SOMEBODY, {1, 3})

    assert refused.value.version == bench.lead.version == 2
