"""Taking in leads: each, what is told of it and what it lifts, together or not at all."""

import asyncio
from uuid import UUID

import pytest

from adapters.system import UuidV7Ids
from application.lead_events import created
from domain.errors import DuplicateLead
from domain.lead import Lead, LeadId
from domain.timeline import Actor, ActorKind, Event
from tests.builders import NOW, a_basis, a_lead, an_insight
from tests.contracts.databases.recording import Database, stored

BY = Actor(ActorKind.KEY, "bootstrap")


def told(lead: Lead) -> Event:
    return created(UuidV7Ids(), lead, BY)


async def take_in(database: Database, lead: Lead) -> Event:
    event = told(lead)
    async with database() as work:
        await work.intake.take_in(lead, event)
    return event


async def take_in_free(database: Database, *leads: Lead) -> set[LeadId]:
    async with database() as work:
        return set(await work.intake.take_in_free([(lead, told(lead)) for lead in leads]))


async def suppress(database: Database, lead: Lead) -> None:
    async with database() as work:
        await work.suppressed.add(lead)


async def is_suppressed(database: Database, lead: Lead) -> bool:
    async with database(reads_only=True) as work:
        return lead.id in await work.suppressed.among([lead])


class IntakeContract:
    async def test_a_lead_is_taken_in_with_all_that_comes_with_it(self, database: Database) -> None:
        lead = a_lead(notes="Two\nlines", source="fair", external_id="7")
        await suppress(database, lead)

        event = await take_in(database, lead)

        async with database(reads_only=True) as work:
            assert await work.leads.get(lead.id) == lead
            assert await work.timeline.page(lead.id, 9, None) == [event]
        assert not await is_suppressed(database, lead)

    @pytest.mark.parametrize("key", [{}, {"email": "b@example.com"}], ids=["email", "external id"])
    async def test_one_whose_key_is_taken_leaves_nothing(
        self, database: Database, key: dict[str, str]
    ) -> None:
        holder = await stored(database, source="fair", external_id="7")
        late = a_lead(source="fair", external_id="7", **key)
        await suppress(database, late)

        with pytest.raises(DuplicateLead) as refused:
            await take_in(database, late)

        assert refused.value.existing_id == holder.id
        async with database(reads_only=True) as work:
            assert await work.leads.get(late.id) is None
            assert await work.timeline.page(late.id, 9, None) == []
        assert await is_suppressed(database, late)

    async def test_what_comes_next_finds_it(self, database: Database) -> None:
        lead = a_lead()

        async with database() as work:
            await work.intake.take_in(lead, told(lead))
            found = await work.leads.get(lead.id)

        assert found == lead

    async def test_what_came_before_is_part_of_the_same_transaction(
        self, database: Database
    ) -> None:
        before, lead = await stored(database, email="before@example.com"), a_lead()

        async def change_and_take_in() -> None:
            async with database() as work:
                await work.leads.save(before.awaiting_summary(NOW))
                await work.intake.take_in(lead, told(lead))
                raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await change_and_take_in()

        async with database(reads_only=True) as work:
            assert await work.leads.get(before.id) == before
            assert await work.leads.get(lead.id) is None

    async def test_two_of_one_transaction_are_both_there_or_neither(
        self, database: Database
    ) -> None:
        first, second = a_lead(), a_lead()

        with pytest.raises(DuplicateLead):
            async with database() as work:
                await work.intake.take_in(first, told(first))
                await work.intake.take_in(second, told(second))

        async with database(reads_only=True) as work:
            assert await work.leads.get(first.id) is None

    async def test_of_many_with_one_address_one_is_taken_in(self, database: Database) -> None:
        leads = [a_lead() for _ in range(8)]

        answers = await asyncio.gather(
            *(take_in(database, lead) for lead in leads), return_exceptions=True
        )

        kept = [lead.id for lead, answer in zip(leads, answers, strict=True) if _is_event(answer)]
        refused = [answer for answer in answers if isinstance(answer, DuplicateLead)]
        holders: set[UUID] = {answer.existing_id for answer in refused}
        assert (len(refused), holders) == (7, set(kept))

    @pytest.mark.parametrize("many", [1, 2])
    async def test_many_are_taken_in_with_all_that_comes_with_each(
        self, database: Database, many: int
    ) -> None:
        leads = [
            a_lead(email="b@example.com", source="fair", external_id="7", notes="Two\nlines"),
            a_lead(email="a@example.com", insight=an_insight(), basis=a_basis(), phone=None),
        ][:many]
        events = [told(lead) for lead in leads]
        for lead in leads:
            await suppress(database, lead)

        async with database() as work:
            taken_in = await work.intake.take_in_free(list(zip(leads, events, strict=True)))

        assert set(taken_in) == {lead.id for lead in leads}
        async with database(reads_only=True) as work:
            assert [await work.leads.get(lead.id) for lead in leads] == leads
            assert [await work.timeline.page(lead.id, 9, None) for lead in leads] == [
                [event] for event in events
            ]
            assert await work.suppressed.among(leads) == set()

    @pytest.mark.parametrize("key", [{}, {"email": "b@example.com"}], ids=["email", "external id"])
    async def test_of_many_one_whose_key_is_taken_leaves_nothing(
        self, database: Database, key: dict[str, str]
    ) -> None:
        await stored(database, source="fair", external_id="7")
        late, free = a_lead(source="fair", external_id="7", **key), a_lead(email="c@example.com")
        await suppress(database, late)

        assert await take_in_free(database, late) == set()
        assert await take_in_free(database, late, free) == {free.id}

        async with database(reads_only=True) as work:
            assert await work.leads.get(late.id) is None
            assert await work.timeline.page(late.id, 9, None) == []
            assert await work.leads.get(free.id) == free
        assert await is_suppressed(database, late)

    async def test_of_none_none_is_taken_in(self, database: Database) -> None:
        assert await take_in_free(database) == set()

    async def test_of_many_that_clash_the_first_is_taken_in(self, database: Database) -> None:
        leads = [a_lead() for _ in range(3)]
        await suppress(database, leads[0])

        assert await take_in_free(database, *leads) == {leads[0].id}

        assert not await is_suppressed(database, leads[0])


def _is_event(answer: object) -> bool:
    return isinstance(answer, Event)
