"""Merging offered rows: whom a row meets, and what it may change there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapters.system import SystemClock, UuidV7Ids
from application.change_lead import ChangeLead
from application.merge_leads import Merged, MergeLeads
from application.upsert_lead import UpsertLead
from domain.incoming import IncomingLead
from domain.lead import Lead
from domain.sync import SyncCounts
from domain.timeline import Actor, ActorKind, EventType, FieldChange
from tests.builders import NOW, SOMEBODY
from tests.contracts.databases.recording import Database, stored

EMAIL = "ada@example.com"


def a_row(**but: Any) -> IncomingLead:
    """With a name, an address and an external id, unless told otherwise."""
    return IncomingLead({"name": "Ada", "email": EMAIL, "external_id": "7", **but})


async def merged(database: Database, *rows: IncomingLead, source: str = "fair") -> Merged:
    return await MergeLeads(database, SystemClock(), UuidV7Ids())(source, rows)


async def all_leads(database: Database) -> Sequence[Lead]:
    """Oldest first."""
    async with database(reads_only=True) as work:
        return (await work.leads.page(100, None))[::-1]


async def changed(database: Database, **changes: object) -> None:
    """The only lead, by a person."""
    (lead,) = await all_leads(database)
    await ChangeLead(database, SystemClock(), UuidV7Ids())(lead.id, changes, SOMEBODY)


class MergingContract:
    async def test_a_lead_of_another_origin_is_known_by_its_address_and_gets_its_blanks_filled(
        self, database: Database
    ) -> None:
        by_hand = await stored(database, email=EMAIL, phone="1")
        row = a_row(email="ADA@example.com", name="A.", phone="2", company="Navy", status="new")

        first, second = await merged(database, row), await merged(database, row)

        (lead,) = await all_leads(database)
        assert first.counts == SyncCounts(fetched=1, updated=1)
        assert second.counts == SyncCounts(fetched=1, unchanged=1)
        assert lead == replace(by_hand, company="Navy", version=2, updated_at=lead.updated_at)
        async with database(reads_only=True) as work:
            (event,) = await work.timeline.page(lead.id, 10, None)
        assert (event.type, event.by) == (EventType.SYNCED, Actor(ActorKind.SOURCE, "fair"))
        assert event.changes == (FieldChange("company", None, "Navy"),)

    async def test_the_external_id_goes_before_the_address(self, database: Database) -> None:
        await merged(database, a_row())

        offer = a_row(email="new@example.com", company="Navy")
        counts = (await merged(database, offer)).counts

        (lead,) = await all_leads(database)
        assert counts == SyncCounts(fetched=1, updated=1)
        assert (lead.email, lead.company) == (EMAIL, "Navy")

    async def test_an_external_id_and_an_address_of_two_leads_are_ambiguous_and_touch_neither(
        self, database: Database
    ) -> None:
        by_hand = await stored(database, email="b@example.com")
        await merged(database, a_row())
        before = await all_leads(database)
        (synced,) = [lead for lead in before if lead.id != by_hand.id]
        row = a_row(email="B@example.com", company="Navy")

        outcome = await merged(database, row)

        assert outcome.counts == SyncCounts(fetched=1, ambiguous=1)
        assert await all_leads(database) == before
        (reject,) = outcome.rejects
        assert reject.row == row.fields
        assert reject.reasons == (
            f"external_id: is that of lead {synced.id}, but email is that of lead {by_hand.id}",
        )

    async def test_an_ambiguous_row_takes_nobodys_place(self, database: Database) -> None:
        await stored(database, email="b@example.com")
        await merged(database, a_row())

        batch = [a_row(email="b@example.com"), a_row(company="Navy")]
        counts = (await merged(database, *batch)).counts

        assert counts == SyncCounts(fetched=2, ambiguous=1, updated=1)

    @pytest.mark.parametrize("by", ["email", "external_id"])
    async def test_a_phone_of_another_lead_is_ambiguous_and_touches_neither(
        self, database: Database, by: str
    ) -> None:
        await merged(database, a_row())
        (synced,) = await all_leads(database)
        other = await stored(database, email="b@example.com", phone="+49 30 1234567")
        before = await all_leads(database)
        known: dict[str, Any] = {
            "email": {"external_id": None},
            "external_id": {"email": "new@example.com"},
        }
        row = a_row(phone="0049 (0)30 / 123 45-67", company="Navy", **known[by])

        outcome = await merged(database, row)

        assert outcome.counts == SyncCounts(fetched=1, ambiguous=1)
        assert await all_leads(database) == before
        (reject,) = outcome.rejects
        assert reject.row == row.fields
        assert reject.reasons == (
            f"phone: is that of lead {other.id}, but {by} is that of lead {synced.id}",
        )

    @pytest.mark.parametrize(
        ("phone", "others"),
        [
            ("+49 30 1234567", ["+49 30 1234567", "0049 30 1234567"]),
            ("030 1234567", ["030 1234567"]),
            ("+49 30 1234567", ["+49 30 7654321"]),
        ],
        ids=["of a switchboard", "without a country", "of nobody"],
    )
    async def test_a_phone_that_says_nothing_raises_no_doubt(
        self, database: Database, phone: str, others: Sequence[str]
    ) -> None:
        await merged(database, a_row())
        for n, other in enumerate(others):
            await stored(database, email=f"{n}@example.com", phone=other)

        counts = (await merged(database, a_row(phone=phone))).counts

        assert counts == SyncCounts(fetched=1, updated=1)

    async def test_a_phone_alone_meets_nobody(self, database: Database) -> None:
        await stored(database, email="b@example.com", phone="+49 30 1234567")
        row = a_row(phone="+49 30 1234567")

        first, second = await merged(database, row), await merged(database, row)

        assert first.counts == SyncCounts(fetched=1, created=1)
        assert second.counts == SyncCounts(fetched=1, unchanged=1)

    async def test_a_row_that_its_phone_makes_ambiguous_takes_nobodys_place(
        self, database: Database
    ) -> None:
        await merged(database, a_row())
        await stored(database, email="b@example.com", phone="+49 30 1234567")

        batch = [a_row(phone="+49 30 1234567"), a_row(company="Navy")]
        counts = (await merged(database, *batch)).counts

        assert counts == SyncCounts(fetched=2, ambiguous=1, updated=1)

    async def test_the_phone_of_a_deleted_lead_raises_no_doubt_until_it_is_restored(
        self, database: Database
    ) -> None:
        await merged(database, a_row())
        other = await stored(database, email="b@example.com", phone="+49 30 1234567")
        async with database() as work:
            await work.leads.save(deleted := other.deleted(NOW))
            assert await work.leads.sole_holders(["+49301234567"]) == {}
            await work.leads.save(deleted.restored(NOW))

        counts = (await merged(database, a_row(phone="+49301234567"))).counts

        assert counts == SyncCounts(fetched=1, ambiguous=1)

    async def test_whose_phone_it_is_follows_every_change(self, database: Database) -> None:
        leads = [
            await stored(database, email=f"{n}@example.com", phone=f"+49 30 123456{n}")
            for n in range(4)
        ]
        async with database() as work:
            await work.leads.hold([lead.email_key for lead in leads])
            await work.leads.save(leads[0].changed({"phone": None}, NOW))
            moved = [lead.changed({"phone": "+49 30 7654321"}, NOW) for lead in leads[1:3]]
            await work.leads.save_all(moved)

        async with database(reads_only=True) as work:
            keys = [f"+4930123456{n}" for n in range(4)]
            assert await work.leads.sole_holders([*keys, "+49307654321"]) == {keys[3]: leads[3].id}
            assert await work.leads.sole_holders([]) == {}

    async def test_two_ids_of_one_source_with_one_address_are_a_duplicate(
        self, database: Database
    ) -> None:
        await merged(database, a_row())
        before = await all_leads(database)

        counts = (await merged(database, a_row(external_id="8", company="Navy"))).counts

        assert counts == SyncCounts(fetched=1, duplicate=1)
        assert await all_leads(database) == before

    async def test_an_id_comes_late_to_a_lead_that_its_source_brought_without_one(
        self, database: Database
    ) -> None:
        await merged(database, a_row(external_id=None))

        counts = (await merged(database, a_row(company="Navy"))).counts

        assert counts == SyncCounts(fetched=1, updated=1)

    async def test_what_a_person_wrote_or_cleared_stays_and_what_nobody_touched_is_filled(
        self, database: Database
    ) -> None:
        await merged(database, a_row(company="Navy"))
        await changed(database, company=None, phone="1")
        offer = a_row(company="Navy", phone="2", job_title="Analyst")

        first, second = await merged(database, offer), await merged(database, offer)

        (lead,) = await all_leads(database)
        assert (first.counts.updated, second.counts.unchanged) == (1, 1)
        assert (lead.company, lead.phone, lead.job_title) == (None, "1", "Analyst")

    async def test_what_an_upsert_cleared_stays_blank(self, database: Database) -> None:
        await merged(database, a_row(company="Navy"))
        upsert = UpsertLead(database, SystemClock(), UuidV7Ids())
        await upsert({"name": "Ada", "email": EMAIL, "company": None}, SOMEBODY)

        await merged(database, a_row(company="Navy"))

        (lead,) = await all_leads(database)
        assert lead.company is None

    async def test_what_sources_filled_is_no_edit_of_a_person(self, database: Database) -> None:
        lead = await stored(database, email=EMAIL)
        await merged(database, a_row(company="Navy"))

        async with database(reads_only=True) as work:
            assert await work.timeline.changed_by_keys([lead.id]) == {}

    async def test_edits_are_told_of_each_of_the_leads_that_were_asked_for(
        self, database: Database
    ) -> None:
        first = await stored(database, email=EMAIL)
        await changed(database, company="Navy")
        await changed(database, company=None, phone="1")
        change = ChangeLead(database, SystemClock(), UuidV7Ids())
        second, third = [await stored(database, email=f"{x}@example.com") for x in "bc"]
        for lead in (second, third):
            await change(lead.id, {"notes": "Hello."}, SOMEBODY)

        async with database(reads_only=True) as work:
            edits = await work.timeline.changed_by_keys([first.id, second.id])
            assert await work.timeline.changed_by_keys([]) == {}

        assert {lead: set(fields) for lead, fields in edits.items()} == {
            first.id: {"company", "phone"},
            second.id: {"notes"},
        }
