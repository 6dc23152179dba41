"""Leads held and replaced by the hundred: nobody writes them meanwhile, nobody waits in a ring."""

import asyncio
from dataclasses import replace

import pytest

from domain.errors import DuplicateLead, LeadChanged
from domain.lead import Lead
from domain.lead_list import LeadFilter
from tests.builders import NOW, a_lead
from tests.contracts.databases.recording import Database, RecordingHook, stored

ADDRESSES = [f"lead{n}@example.com" for n in range(50)]


async def stored_leads(database: Database) -> list[Lead]:
    leads = [a_lead(email=email, source="fair", external_id=email) for email in ADDRESSES]
    async with database() as work:
        await work.leads.add_new(leads)
    return leads


def renamed(lead: Lead, company: str) -> Lead:
    return replace(lead, company=company, updated_at=NOW, version=lead.version + 1)


class HeldLeadsContract:
    async def test_those_are_held_that_have_one_of_the_addresses(self, database: Database) -> None:
        leads = await stored_leads(database)

        async with database() as work:
            held = await work.leads.hold([*ADDRESSES[:3], "nobody@example.com"])

        assert {lead.id: lead for lead in held} == {lead.id: lead for lead in leads[:3]}

    async def test_a_deleted_lead_is_not_held_by_its_address(self, database: Database) -> None:
        lead = await stored(database)
        async with database() as work:
            await work.leads.save(lead.deleted(NOW))

        async with database() as work:
            assert list(await work.leads.hold([lead.email_key])) == []

    async def test_by_their_ids_too_they_are_held_in_the_order_of_their_addresses(
        self, database: Database
    ) -> None:
        leads = [await stored(database, email=f"{letter}@example.com") for letter in "dBca"]

        async with database() as work:
            held = await work.leads.hold_these([lead.id for lead in leads])

        assert [lead.email_key[0] for lead in held] == ["a", "b", "c", "d"]

    async def test_all_that_were_held_are_replaced_whole(self, database: Database) -> None:
        leads = await stored_leads(database)
        async with database() as work:
            await work.leads.hold(ADDRESSES)
            await work.leads.save_all([renamed(lead, f"of {lead.email}") for lead in leads])

        async with database(reads_only=True) as work:
            found = await work.leads.matching([], ADDRESSES)
        expected = {lead.id: renamed(lead, f"of {lead.email}") for lead in leads}
        assert {lead.id: lead for lead in found} == expected

    async def test_each_of_many_may_have_changed_elsewhere(self, database: Database) -> None:
        leads = (await stored_leads(database))[:3]
        new = [
            renamed(leads[0], "Navy"),
            replace(leads[1], name="Grace Hopper", updated_at=NOW, version=2),
            leads[2].without_summary(NOW),
        ]

        async with database() as work:
            await work.leads.hold(ADDRESSES[:3])
            await work.leads.save_all(new)

        async with database(reads_only=True) as work:
            found = await work.leads.among([lead.id for lead in leads])
            sought = await work.leads.page(9, None, LeadFilter(q="grace"))
        assert {lead.id: lead for lead in found} == {lead.id: lead for lead in new}
        assert list(sought) == [new[1]]

    async def test_none_are_replaced_by_none(self, database: Database) -> None:
        async with database() as work:
            await work.leads.save_all([])

    @pytest.mark.parametrize("ahead", [0, 1])
    async def test_what_is_not_held_in_the_version_before_is_not_replaced(
        self, database: Database, ahead: int
    ) -> None:
        leads = await stored_leads(database)
        new = [renamed(lead, "Navy") for lead in leads[:2]]

        with pytest.raises(LeadChanged):
            async with database() as work:
                await work.leads.hold(ADDRESSES[: 1 + ahead])
                await work.leads.save_all([new[0], replace(new[1], version=2 + ahead)])

        async with database(reads_only=True) as work:
            assert await work.leads.get(leads[0].id) == leads[0]

    async def test_a_taken_external_id_stops_all_and_the_rest_still_commits(
        self, database: Database
    ) -> None:
        leads = await stored_leads(database)
        new = [renamed(lead, "Navy") for lead in leads]
        taker = await stored(database, email="x@example.com", source="fair", external_id="7")
        new[3] = replace(new[3], external_id="7")

        async with database() as work:
            await work.leads.hold(ADDRESSES)
            with pytest.raises(DuplicateLead) as refused:
                await work.leads.save_all(new)
            await work.leads.add(a_lead(email="y@example.com"))

        assert (refused.value.field, refused.value.existing_id) == ("external_id", taker.id)
        async with database(reads_only=True) as work:
            assert await work.leads.get(leads[0].id) == leads[0]
            assert len(await work.leads.matching([], ["y@example.com"])) == 1

    async def test_the_hook_is_told_of_what_was_held_and_of_what_was_replaced(
        self, database: Database, hook: RecordingHook
    ) -> None:
        leads = (await stored_leads(database))[:2]

        async with database() as work:
            await work.leads.hold(ADDRESSES[:2])
            await work.leads.save_all([renamed(leads[0], "Navy")])

        (before, after) = hook.told
        assert before == ("before", [(leads[0].id, 2)])
        assert (after[0], sorted(after[1])) == ("after", [(leads[0].id, 2), (leads[1].id, 1)])

    async def test_of_many_who_hold_in_different_orders_none_loses_the_work_of_another(
        self, database: Database
    ) -> None:
        await stored_leads(database)

        async def append(letter: str, order: int) -> None:
            async with database() as work:
                held = await work.leads.hold(ADDRESSES[::order])
                await work.leads.save_all(
                    [renamed(lead, f"{lead.company or ''}{letter}") for lead in held]
                )

        await asyncio.gather(*(append(letter, 1 - 2 * (n % 2)) for n, letter in enumerate("abcd")))

        async with database(reads_only=True) as work:
            found = await work.leads.matching([], ADDRESSES)
        assert {lead.version for lead in found} == {5}
        assert {"".join(sorted(lead.company or "")) for lead in found} == {"abcd"}

    async def test_the_origins_of_many_sources_are_matched_at_once(
        self, database: Database
    ) -> None:
        first = await stored(database, source="fair", external_id="1")
        second = await stored(database, email="b@example.com", source="web", external_id="2")

        async with database(reads_only=True) as work:
            found = await work.leads.matching([("fair", "1"), ("web", "2")], [])
            crossed = await work.leads.matching([("fair", "2"), ("web", "1")], [])

        assert {lead.id for lead in found} == {first.id, second.id}
        assert list(crossed) == []
