"""Transactions: all or nothing, and the hook is told at the right moments."""

import asyncio
from dataclasses import replace

import pytest

from domain.lead import Lead
from tests.builders import NOW, a_lead, a_run
from tests.contracts.databases.recording import Database, RecordingHook, stored


class TransactionsContract:
    async def test_a_clean_exit_commits(self, database: Database) -> None:
        lead = await stored(database)

        async with database(reads_only=True) as work:
            assert await work.leads.get(lead.id) == lead

    async def test_an_exception_rolls_back_everything_and_goes_on(self, database: Database) -> None:
        lead = a_lead()

        with pytest.raises(ZeroDivisionError):
            async with database() as work:
                await work.leads.add(lead)
                await work.summary_runs.add(a_run(lead))
                raise ZeroDivisionError

        async with database(reads_only=True) as work:
            assert await work.leads.get(lead.id) is None
            assert await work.summary_runs.page(lead.id, 1, None) == []

    @pytest.mark.parametrize("error", [TimeoutError("mine"), OSError("mine")])
    async def test_an_error_of_the_callers_own_is_no_outage(
        self, database: Database, error: Exception
    ) -> None:
        with pytest.raises(type(error), match="mine"):
            async with database():
                raise error

    async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(
        self, database: Database
    ) -> None:
        inside, lead = asyncio.Event(), a_lead()

        async def write() -> None:
            async with database() as work:
                await work.leads.add(lead)
                inside.set()
                await asyncio.Event().wait()

        writing = asyncio.create_task(write())
        await inside.wait()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

        await stored(database, id=lead.id)

    async def test_readers_do_not_see_what_is_not_committed(self, database: Database) -> None:
        lead = a_lead()
        async with database() as work:
            await work.leads.add(lead)
            async with database(reads_only=True) as other:
                assert await other.leads.get(lead.id) is None

    async def test_the_hook_is_told_of_replaced_leads_around_the_commit(
        self, database: Database, hook: RecordingHook
    ) -> None:
        lead = await stored(database)

        async with database() as work:
            await work.leads.save(lead.awaiting_summary(NOW))
            assert hook.told == []

        assert hook.told == [("before", [(lead.id, 2)]), ("after", [(lead.id, 2)])]

    async def test_the_hook_is_told_afterwards_of_what_was_only_read_for_an_update(
        self, database: Database, hook: RecordingHook
    ) -> None:
        lead = await stored(database)

        async with database() as work:
            await work.leads.get(lead.id, for_update=True)

        assert hook.told == [("after", [(lead.id, 1)])]

    async def test_the_hook_is_told_once_of_a_lead_that_was_read_for_an_update_and_replaced(
        self, database: Database, hook: RecordingHook
    ) -> None:
        lead = await stored(database)

        async with database() as work:
            await work.leads.get(lead.id, for_update=True)
            await work.leads.save(lead.awaiting_summary(NOW))

        assert hook.told == [("before", [(lead.id, 2)]), ("after", [(lead.id, 2)])]

    async def test_the_hook_is_told_once_of_a_lead_that_was_replaced_twice(
        self, database: Database, hook: RecordingHook
    ) -> None:
        lead = await stored(database)

        async with database() as work:
            second = lead.awaiting_summary(NOW)
            await work.leads.save(second)
            await work.leads.save(second.without_summary(NOW))

        assert hook.told == [("before", [(lead.id, 3)]), ("after", [(lead.id, 3)])]

    async def test_the_commit_lies_between_the_two_moments_of_the_hook(
        self, database: Database, hook: RecordingHook
    ) -> None:
        lead = await stored(database)

        async def version() -> int | None:
            async with database(reads_only=True) as work:
                found = await work.leads.get(lead.id)
            return found.version if found else None

        hook.look = version
        async with database() as work:
            await work.leads.save(lead.awaiting_summary(NOW))

        assert hook.found == [1, 2]

    async def test_the_hook_is_not_told_of_leads_that_were_only_added(
        self, database: Database, hook: RecordingHook
    ) -> None:
        await stored(database)

        assert hook.told == []

    async def test_the_hook_is_not_told_of_what_was_rolled_back(
        self, database: Database, hook: RecordingHook
    ) -> None:
        lead = await stored(database)

        with pytest.raises(ZeroDivisionError):
            async with database() as work:
                await work.leads.save(lead.awaiting_summary(NOW))
                raise ZeroDivisionError

        assert hook.told == []

    async def test_parallel_read_and_write_for_update_loses_no_change(
        self, database: Database
    ) -> None:
        lead = await stored(database, notes="")

        async def append(letter: str) -> None:
            async with database() as work:
                seen = await work.leads.get(lead.id, for_update=True)
                assert seen is not None
                await work.leads.save(
                    replace(seen, notes=f"{seen.notes or ''}{letter}", version=seen.version + 1)
                )

        await asyncio.gather(*(append(letter) for letter in "abcdefgh"))

        async with database(reads_only=True) as work:
            after: Lead | None = await work.leads.get(lead.id)
        assert after is not None
        assert (sorted(after.notes or ""), after.version) == (list("abcdefgh"), 9)

    async def test_many_writers_at_once_all_have_their_turn(self, database: Database) -> None:
        leads = await asyncio.gather(
            *(stored(database, email=f"lead{n}@example.com") for n in range(100))
        )

        async with database(reads_only=True) as work:
            assert len(await work.leads.page(200, None)) == len(leads)

    async def test_it_can_be_asked_whether_it_is_there(self, database: Database) -> None:
        await database.ping()
