"""Creates that come together are written together, and each is told only of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.databases.memory.unit_of_work import MemoryDatabase
from adapters.system import SystemClock, UuidV7Ids
from application.create_lead import CreateLead
from application.ports import UnitOfWork, UnitsOfWork
from domain.errors import DatabaseUnavailable, DuplicateLead
from domain.lead import Lead
from tests.builders import SOMEBODY, some_details
from tests.gates import Gate


class Watched(UnitsOfWork):
    """Counts the transactions, lets each begin at its gate, and may be away."""

    def __init__(self) -> None:
        self.gate, self.begun, self.is_away = Gate(), 0, False
        self.database = MemoryDatabase(SystemClock())

    @asynccontextmanager
    async def __call__(self, *, reads_only: bool = False) -> AsyncIterator[UnitOfWork]:
        self.begun += not reads_only
        await self.gate.passed()
        if self.is_away:
            raise DatabaseUnavailable("away")
        async with self.database(reads_only=reads_only) as work:
            yield work


class Form:
    def __init__(self) -> None:
        self.database = Watched()
        self.create = CreateLead(self.database, SystemClock(), UuidV7Ids())

    def sent(self, name: str) -> "asyncio.Task[Lead]":
        details = some_details(email=f"{name}@example.com")
        return asyncio.create_task(self.create(details, SOMEBODY))

    async def is_kept(self, lead: Lead) -> bool:
        async with self.database.database(reads_only=True) as work:
            return await work.leads.get(lead.id) == lead

    async def held_up(self, *names: str) -> "list[asyncio.Task[Lead]]":
        """The first is under way, and the others wait behind it, until the gate is opened."""
        self.database.gate.close()
        first = self.sent(names[0])
        await self.database.gate.reached.wait()
        later = [self.sent(name) for name in names[1:]]
        await asyncio.sleep(0)
        return [first, *later]


async def test_those_that_come_together_are_written_together() -> None:
    form = Form()
    sent = await form.held_up("a", "b", "c", "d")

    form.database.gate.open()
    leads = await asyncio.gather(*sent)

    assert [await form.is_kept(lead) for lead in leads] == [True] * 4
    assert form.database.begun == 2


async def test_of_two_that_come_together_with_one_address_the_second_is_told_of_the_first() -> None:
    form = Form()
    sent = await form.held_up("a", "b", "b", "c")

    form.database.gate.open()
    _, kept, refused, beside = await asyncio.gather(*sent, return_exceptions=True)

    assert isinstance(kept, Lead)
    assert isinstance(beside, Lead)
    assert isinstance(refused, DuplicateLead)
    assert (refused.field, refused.existing_id) == ("email", kept.id)


async def test_who_gives_up_takes_nothing_from_the_others() -> None:
    form = Form()
    sent = await form.held_up("a", "b", "c")

    for leaving in sent[:2]:
        leaving.cancel()
    form.database.gate.open()
    told = await asyncio.gather(*sent, return_exceptions=True)

    assert [type(each) for each in told[:2]] == [asyncio.CancelledError] * 2
    assert isinstance(told[2], Lead)
    assert await form.is_kept(told[2])


async def test_all_that_come_together_are_told_of_an_outage_and_none_tries_again() -> None:
    form = Form()
    sent = await form.held_up("a", "b", "c")
    form.database.is_away = True

    form.database.gate.open()
    told = await asyncio.gather(*sent, return_exceptions=True)

    assert [type(each) for each in told] == [DatabaseUnavailable] * 3
    assert form.database.begun == 2


async def test_one_that_comes_later_is_told_of_who_was_there() -> None:
    form = Form()
    first = await form.sent("a")

    with pytest.raises(DuplicateLead) as refused:
        await form.sent("a")

    assert refused.value.existing_id == first.id
