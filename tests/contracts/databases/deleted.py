"""Deleted leads: kept, not seen, and in nobody's way."""

import asyncio

import pytest

from domain.errors import DuplicateLead, LeadChanged
from domain.lead import Lead
from tests.builders import NOW, a_lead
from tests.contracts.databases.recording import Database, RecordingHook, stored


async def deleted(database: Database, **but: object) -> Lead:
    lead = (await stored(database, **but)).deleted(NOW)
    async with database() as work:
        await work.leads.save(lead)
    return lead


class DeletedLeadsContract:
    async def test_a_deleted_lead_is_neither_read_nor_listed_nor_matched(
        self, database: Database
    ) -> None:
        lead = await deleted(database, source="fair", external_id="7")

        async with database(reads_only=True) as work:
            assert await work.leads.get(lead.id) is None
            assert list(await work.leads.page(10, None)) == []
            assert list(await work.leads.matching([("fair", "7")], [lead.email_key])) == []

    async def test_a_lead_is_found_deleted_or_not_by_who_asks_for_it(
        self, database: Database
    ) -> None:
        lead = await deleted(database)
        living = await stored(database)

        async with database() as work:
            assert await work.leads.get_even_deleted(lead.id) == lead
            assert await work.leads.get_even_deleted(living.id) == living
            assert await work.leads.get_even_deleted(a_lead().id) is None

    async def test_of_many_who_restore_at_once_all_find_the_lead_and_one_changes_it(
        self, database: Database
    ) -> None:
        lead = await deleted(database)

        async def restore() -> int:
            async with database() as work:
                found = await work.leads.get_even_deleted(lead.id)
                assert found is not None
                if found.deleted_at is not None:
                    found = found.restored(NOW)
                    await work.leads.save(found)
            return found.version

        assert await asyncio.gather(*(restore() for _ in range(10))) == [3] * 10

    async def test_the_hook_is_told_of_a_lead_that_was_deleted_and_restored(
        self, database: Database, hook: RecordingHook
    ) -> None:
        lead = await deleted(database)
        async with database() as work:
            found = await work.leads.get_even_deleted(lead.id)
            await work.leads.save(lead.restored(NOW))

        assert found == lead
        assert hook.told == [
            (moment, [(lead.id, version)]) for version in (2, 3) for moment in ("before", "after")
        ]

    async def test_a_change_that_did_not_know_of_the_deletion_is_refused(
        self, database: Database
    ) -> None:
        lead = await stored(database)
        async with database() as work:
            await work.leads.save(lead.deleted(NOW))

        with pytest.raises(LeadChanged):
            async with database() as work:
                await work.leads.save(lead.awaiting_summary(NOW))

    async def test_the_keys_of_a_deleted_lead_are_free(self, database: Database) -> None:
        await deleted(database, source="fair", external_id="7")

        lead = await stored(database, source="fair", external_id="7")

        assert (await deleted(database, email="b@example.com")).id != lead.id

    async def test_a_restored_lead_is_seen_again_as_it_was(self, database: Database) -> None:
        lead = await deleted(database)
        async with database() as work:
            await work.leads.save(lead.restored(NOW))

        async with database(reads_only=True) as work:
            found = await work.leads.get(lead.id)
        assert found == lead.restored(NOW)
        assert found.version == 3

    @pytest.mark.parametrize(
        ("field", "other"),
        [
            ("email", {"external_id": "8"}),
            ("external_id", {"email": "b@example.com"}),
        ],
    )
    async def test_a_lead_whose_key_was_taken_meanwhile_is_not_restored(
        self, database: Database, field: str, other: dict[str, object]
    ) -> None:
        lead = await deleted(database, source="fair", external_id="7")
        taker = await stored(database, **{"source": "fair", "external_id": "7", **other})

        with pytest.raises(DuplicateLead) as refused:
            async with database() as work:
                await work.leads.get_even_deleted(lead.id)
                await work.leads.save(lead.restored(NOW))

        assert (refused.value.field, refused.value.existing_id) == (field, taker.id)
        async with database() as work:
            assert await work.leads.get_even_deleted(lead.id) == lead

    async def test_a_change_to_a_taken_address_is_refused_and_the_rest_still_commits(
        self, database: Database
    ) -> None:
        lead = await stored(database)
        taker = await stored(database, email="b@example.com")
        changed = lead.changed({"email": "B@example.com"}, NOW)

        async with database() as work:
            with pytest.raises(DuplicateLead) as refused:
                await work.leads.save(changed)
            await work.leads.add(a_lead(email="c@example.com"))

        assert (refused.value.field, refused.value.existing_id) == ("email", taker.id)
        async with database(reads_only=True) as work:
            assert len(await work.leads.page(10, None)) == 3
            assert await work.leads.get(lead.id) == lead
