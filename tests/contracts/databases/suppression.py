"""Leads that a person deleted: no source brings them back until a person does."""

from typing import Any

import pytest

from adapters.system import SystemClock, UuidV7Ids
from application.change_lead import DeleteLead, RestoreLead
from application.create_lead import CreateLead
from application.take_in_batch import TakeInBatch
from application.upsert_lead import UpsertLead
from domain.batch import BatchMode, LeadBatch
from domain.errors import LeadVersionMismatch
from domain.lead import Lead
from domain.sync import SyncCounts
from tests.builders import SOMEBODY, a_lead, some_details
from tests.contracts.databases.merging import EMAIL, a_row, all_leads, changed, merged
from tests.contracts.databases.recording import Database, stored

PARTS: Any = (SystemClock(), UuidV7Ids())
FIELDS = {"name": "Ada", "email": EMAIL}


async def synced_and_deleted(database: Database) -> Lead:
    await merged(database, a_row())
    return await deleted(database)


async def deleted(database: Database) -> Lead:
    """The only lead, by a person."""
    (lead,) = await all_leads(database)
    await DeleteLead(database, *PARTS)(lead.id, SOMEBODY)
    return lead


async def by_hand(database: Database) -> None:
    await CreateLead(database, *PARTS)(some_details(**FIELDS), SOMEBODY)


async def by_upsert(database: Database) -> None:
    await UpsertLead(database, *PARTS)(FIELDS, SOMEBODY)


async def by_batch(database: Database) -> None:
    await TakeInBatch(database, *PARTS)(LeadBatch([FIELDS]), SOMEBODY)


async def by_upserting_batch(database: Database) -> None:
    batch = LeadBatch([FIELDS], BatchMode.UPSERT)
    await TakeInBatch(database, *PARTS)(batch, SOMEBODY)


class SuppressionContract:
    async def test_a_deleted_lead_does_not_come_back_with_the_next_syncs(
        self, database: Database
    ) -> None:
        await synced_and_deleted(database)

        offer = [a_row(), a_row(external_id="8", email="b@example.com")]
        counts = [(await merged(database, *offer)).counts for _ in range(2)]

        assert counts == [
            SyncCounts(fetched=2, suppressed=1, created=1),
            SyncCounts(fetched=2, suppressed=1, unchanged=1),
        ]
        assert [lead.email for lead in await all_leads(database)] == ["b@example.com"]

    @pytest.mark.parametrize(
        "offer",
        [
            {"email": "ADA@Example.com", "external_id": None},
            {"email": "other@example.com"},
        ],
        ids=["its address", "its external id"],
    )
    async def test_either_of_its_address_and_its_external_id_keeps_it_away(
        self, database: Database, offer: dict[str, object]
    ) -> None:
        await synced_and_deleted(database)

        counts = (await merged(database, a_row(**offer))).counts

        assert counts == SyncCounts(fetched=1, suppressed=1)

    async def test_who_was_renamed_before_is_kept_away_under_the_old_address_too(
        self, database: Database
    ) -> None:
        await merged(database, a_row())
        await changed(database, email="other@example.com")
        await deleted(database)

        assert (await merged(database, a_row())).counts.suppressed == 1

    async def test_another_source_does_not_bring_it_back_either_but_means_others_by_its_ids(
        self, database: Database
    ) -> None:
        await synced_and_deleted(database)

        same = await merged(database, a_row(external_id="1"), source="forum")
        other = await merged(database, a_row(email="b@example.com"), source="forum")

        assert (same.counts.suppressed, other.counts.created) == (1, 1)

    async def test_a_restored_lead_is_known_to_the_next_sync_and_its_addresses_are_free(
        self, database: Database
    ) -> None:
        lead = await synced_and_deleted(database)
        await RestoreLead(database, *PARTS)(lead.id, SOMEBODY)

        known = await merged(database, a_row(company="Navy"))
        await changed(database, email="other@example.com", external_id=None)
        free = await merged(database, a_row())

        assert known.counts == SyncCounts(fetched=1, updated=1)
        assert free.counts == SyncCounts(fetched=1, created=1)

    @pytest.mark.parametrize("taken_in", [by_hand, by_upsert, by_batch, by_upserting_batch])
    async def test_a_lead_that_a_person_takes_in_again_lifts_it(
        self, database: Database, taken_in: Any
    ) -> None:
        await merged(database, a_row(external_id=None))
        await deleted(database)
        await taken_in(database)

        known = await merged(database, a_row(external_id=None, company="Navy"))
        await changed(database, email="other@example.com")
        free = await merged(database, a_row(external_id=None))

        assert known.counts == SyncCounts(fetched=1, updated=1)
        assert free.counts == SyncCounts(fetched=1, created=1)

    async def test_who_was_taken_in_again_and_deleted_again_stays_away(
        self, database: Database
    ) -> None:
        await synced_and_deleted(database)
        await by_hand(database)
        await deleted(database)

        assert (await merged(database, a_row())).counts.suppressed == 1

    async def test_a_dry_run_lifts_nothing(self, database: Database) -> None:
        await synced_and_deleted(database)
        await TakeInBatch(database, *PARTS)(LeadBatch([FIELDS], dry_run=True), SOMEBODY)

        assert (await merged(database, a_row())).counts.suppressed == 1

    async def test_a_deletion_that_is_refused_suppresses_nothing(self, database: Database) -> None:
        await merged(database, a_row())
        (lead,) = await all_leads(database)
        with pytest.raises(LeadVersionMismatch):
            await DeleteLead(database, *PARTS)(lead.id, SOMEBODY, known=[7])

        async with database(reads_only=True) as work:
            assert await work.suppressed.among([lead]) == set()

    async def test_the_mark_comes_and_goes_with_its_transaction(self, database: Database) -> None:
        lead = a_lead()
        with pytest.raises(ZeroDivisionError):
            async with database() as work:
                await work.suppressed.add(lead)
                raise ZeroDivisionError

        async with database(reads_only=True) as work:
            assert await work.suppressed.among([lead]) == set()

    async def test_of_many_those_are_told_that_were_suppressed_once_or_twice(
        self, database: Database
    ) -> None:
        leads = [a_lead(email=f"l{n}@example.com", external_id=str(n)) for n in range(600)]
        async with database() as work:
            for lead in (*leads[:3], leads[0]):
                await work.suppressed.add(lead)
            await work.suppressed.lift(leads[2:])
            await work.suppressed.lift([])

        async with database(reads_only=True) as work:
            assert await work.suppressed.among(leads) == {leads[0].id, leads[1].id}
            assert await work.suppressed.among([]) == set()

    async def test_a_lead_that_is_there_is_filled_whatever_is_suppressed(
        self, database: Database
    ) -> None:
        await synced_and_deleted(database)
        await stored(database, email=EMAIL)

        assert (await merged(database, a_row(company="Navy"))).counts.updated == 1
