"""Leads: unique, versioned, listed newest first."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import DuplicateLead, LeadChanged
from domain.lead import Lead
from domain.ports import Position
from tests.builders import NOW, a_basis, a_lead, an_insight
from tests.contracts.databases.recording import Database, stored


async def walk(database: Database, limit: int) -> list[Lead]:
    seen: list[Lead] = []
    after: Position | None = None
    while True:
        async with database(reads_only=True) as work:
            page = await work.leads.page(limit, after)
        if not page:
            return seen
        seen += page
        after = Position(page[-1].created_at, page[-1].id)


class LeadsContract:
    async def test_every_field_comes_back_as_it_was(self, database: Database) -> None:
        lead = a_lead(
            name="Zo\u00eb \U0001f469\u200d\U0001f52c",
            phone="+1 555 0100",
            company="A'; DROP TABLE leads; --",
            job_title="100% \\ done",
            notes="Two\nlines, e\u0301 and \u200f\u05d0",
            status="qualified",
            source="fair",
            external_id="7",
            created_at=NOW.replace(microsecond=123456),
        ).summarized(an_insight(), a_basis(), NOW)
        async with database() as work:
            await work.leads.add(lead)

        async with database(reads_only=True) as work:
            found = await work.leads.get(lead.id)

        assert found == lead
        assert found.created_at.utcoffset() == timedelta(0)

    async def test_there_is_no_lead_that_was_not_added(self, database: Database) -> None:
        async with database(reads_only=True) as work:
            assert await work.leads.get(a_lead().id) is None

    async def test_many_are_read_at_once_but_for_those_that_are_not_there(
        self, database: Database
    ) -> None:
        leads = [await stored(database, email=f"{name}@example.com") for name in "abc"]
        async with database() as work:
            held = await work.leads.get(leads[2].id, for_update=True)
            assert held is not None
            await work.leads.save(held.deleted(NOW))

        async with database(reads_only=True) as work:
            found = await work.leads.among([*(lead.id for lead in leads), a_lead().id])
            none = await work.leads.among([])

        assert {lead.id: lead for lead in found} == {lead.id: lead for lead in leads[:2]}
        assert list(none) == []

    async def test_a_taken_email_key_is_refused_with_its_holder(self, database: Database) -> None:
        lead = await stored(database)

        with pytest.raises(DuplicateLead) as refused:
            await stored(database, email="ADA@EXAMPLE.COM")

        assert (refused.value.field, refused.value.existing_id) == ("email", lead.id)

    async def test_a_taken_external_id_is_refused_with_its_holder(self, database: Database) -> None:
        lead = await stored(database, source="fair", external_id="7")

        with pytest.raises(DuplicateLead) as refused:
            await stored(database, email="b@example.com", source="fair", external_id="7")

        assert (refused.value.field, refused.value.existing_id) == ("external_id", lead.id)

    async def test_the_email_is_named_before_the_external_id(self, database: Database) -> None:
        await stored(database, email="b@example.com", source="fair", external_id="7")
        lead = await stored(database)

        with pytest.raises(DuplicateLead) as refused:
            await stored(database, source="fair", external_id="7")

        assert (refused.value.field, refused.value.existing_id) == ("email", lead.id)

    async def test_leads_without_external_id_do_not_clash(self, database: Database) -> None:
        await stored(database, source="fair")
        await stored(database, email="b@example.com", source="fair")

    async def test_of_many_at_once_with_one_address_one_is_kept(self, database: Database) -> None:
        outcomes = await asyncio.gather(
            *(stored(database) for _ in range(20)), return_exceptions=True
        )

        kept = [outcome for outcome in outcomes if isinstance(outcome, Lead)]
        refused = [outcome for outcome in outcomes if isinstance(outcome, DuplicateLead)]
        assert (len(kept), len(refused)) == (1, 19)
        assert {error.existing_id for error in refused} == {kept[0].id}

    async def test_of_a_batch_only_what_is_new_is_added(self, database: Database) -> None:
        await stored(database, email="old@example.com")
        await stored(database, email="x@example.com", source="fair", external_id="1")
        fresh = a_lead(email="new@example.com")
        batch = [
            a_lead(email="OLD@example.com"),
            fresh,
            a_lead(email="New@example.com"),
            a_lead(email="y@example.com", source="fair", external_id="1"),
        ]

        async with database() as work:
            added = await work.leads.add_new(batch)

        assert len(added) == 1
        assert added <= {batch[1].id, batch[2].id}
        assert len(await walk(database, 10)) == 3

    async def test_an_empty_batch_adds_nothing(self, database: Database) -> None:
        async with database() as work:
            assert await work.leads.add_new([]) == set()

    async def test_of_batches_that_overlap_each_lead_is_added_once(
        self, database: Database
    ) -> None:
        async def add(order: int) -> int:
            leads = [a_lead(email=f"lead{n}@example.com") for n in range(50)]
            async with database() as work:
                return len(await work.leads.add_new(leads[::order]))

        added = await asyncio.gather(*(add(order) for order in (1, -1, 1, -1)))

        assert sum(added) == len(await walk(database, 100)) == 50

    async def test_a_batch_may_be_large(self, database: Database) -> None:
        batch = [a_lead(email=f"lead{n}@example.com", external_id=str(n)) for n in range(2_000)]

        async with database() as work:
            added = await work.leads.add_new(batch)
            known = await work.leads.matching(
                [("manual", str(n)) for n in range(1_000)],
                [f"lead{n}@example.com" for n in range(500, 2_500)],
            )

        assert added == {lead.id for lead in batch}
        assert {lead.id for lead in known} == added

    async def test_of_many_those_are_added_that_clash_with_none(self, database: Database) -> None:
        taken = await stored(database, email="lead7@example.com", external_id="x")
        batch = [
            *(a_lead(email=f"lead{n}@example.com", external_id=str(n)) for n in range(200)),
            a_lead(email="LEAD3@example.com"),
            a_lead(email="other@example.com", external_id="x"),
        ]

        async with database() as work:
            added = await work.leads.add_new(batch)

        leads = await walk(database, 500)
        assert len(added) == 199
        assert added.isdisjoint({batch[7].id, batch[-1].id})
        assert {lead.id for lead in leads} == added | {taken.id}

    async def test_many_come_back_as_they_were_added(self, database: Database) -> None:
        summarized = {"insight": an_insight(), "basis": a_basis(), "summary": "Who."}
        batch = [
            a_lead(
                email=f"lead{n}@example.com",
                name=f"\u00c9va \u4e8c {n}",
                notes="\\N\t\n\\." if n % 2 else None,
                **(summarized if n % 3 else {}),
            )
            for n in range(150)
        ]

        async with database() as work:
            await work.leads.add_new(batch)

        leads = await walk(database, 500)
        assert sorted(leads, key=lambda lead: lead.id) == sorted(batch, key=lambda lead: lead.id)

    async def test_many_that_are_added_first_of_all_are_undone_with_the_rest(
        self, database: Database
    ) -> None:
        batch = [a_lead(email=f"lead{n}@example.com") for n in range(150)]

        with pytest.raises(LookupError):
            async with database() as work:
                await work.leads.add_new(batch)
                raise LookupError

        assert await walk(database, 500) == []

    async def test_an_external_id_matches_only_within_its_source(self, database: Database) -> None:
        lead = await stored(database, source="fair", external_id="7")

        async with database(reads_only=True) as work:
            same = await work.leads.matching([("fair", "7")], [])
            other = await work.leads.matching([("web", "7")], [])

        assert (list(same), list(other)) == ([lead], [])

    async def test_nothing_matches_nothing(self, database: Database) -> None:
        await stored(database)

        async with database(reads_only=True) as work:
            assert list(await work.leads.matching([], [])) == []

    async def test_only_the_version_before_is_replaced(self, database: Database) -> None:
        lead = await stored(database)
        changed = replace(lead.awaiting_summary(NOW), company="Navy")
        async with database() as work:
            await work.leads.save(changed)

        with pytest.raises(LeadChanged):
            async with database() as work:
                await work.leads.save(changed)

        async with database(reads_only=True) as work:
            assert await work.leads.get(lead.id) == changed

    async def test_a_lead_that_was_never_added_is_not_replaced(self, database: Database) -> None:
        with pytest.raises(LeadChanged):
            async with database() as work:
                await work.leads.save(a_lead().awaiting_summary(NOW))

    async def test_of_many_who_replace_one_version_one_wins(self, database: Database) -> None:
        lead = await stored(database)

        async def save(company: str) -> Lead:
            changed = replace(lead.awaiting_summary(NOW), company=company)
            async with database() as work:
                await work.leads.save(changed)
            return changed

        outcomes = await asyncio.gather(
            *(save(name) for name in "abcdefgh"), return_exceptions=True
        )

        kept = [outcome for outcome in outcomes if isinstance(outcome, Lead)]
        refused = [outcome for outcome in outcomes if isinstance(outcome, LeadChanged)]
        assert (len(kept), len(refused)) == (1, 7)
        assert await walk(database, 10) == kept

    async def test_pages_walk_newest_first_through_every_lead_once(
        self, database: Database
    ) -> None:
        leads = [
            await stored(
                database, email=f"lead{n}@example.com", created_at=NOW + timedelta(seconds=n // 3)
            )
            for n in range(10)
        ]

        seen = await walk(database, 3)

        newest_first = sorted(leads, key=lambda lead: (lead.created_at, lead.id), reverse=True)
        assert seen == newest_first

    async def test_a_page_holds_no_more_than_was_asked_for(self, database: Database) -> None:
        for n in range(4):
            await stored(database, email=f"lead{n}@example.com")

        async with database(reads_only=True) as work:
            assert len(await work.leads.page(3, None)) == 3
