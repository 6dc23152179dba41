"""Asking for a summary: the run and its lead's state are there together, or not at all."""

import asyncio

import pytest

from domain.errors import LeadChanged
from domain.lead import Lead
from domain.summary import RunState, SummaryRun
from tests.builders import NOW, a_lead, a_run
from tests.contracts.databases.recording import Database, RecordingHook, requested, run_of, stored


async def ask(database: Database, lead: Lead) -> SummaryRun:
    run = a_run(lead)
    async with database() as work:
        await work.requests.ask(run, lead.awaiting_summary(NOW))
    return run


async def kept(database: Database, lead: Lead) -> tuple[Lead | None, int]:
    async with database(reads_only=True) as work:
        return await work.leads.get(lead.id), len(await work.summary_runs.page(lead.id, 9, None))


class RequestsContract:
    async def test_a_run_is_kept_with_its_leads_state(
        self, database: Database, hook: RecordingHook
    ) -> None:
        lead = await stored(database)

        run = await ask(database, lead)

        found = await run_of(database, run)
        assert (found.state, found.attempts, found.created_at) == (
            RunState.PENDING,
            0,
            run.created_at,
        )
        assert found.next_attempt_at is not None
        assert await kept(database, lead) == (lead.awaiting_summary(NOW), 1)
        assert hook.told == [(moment, [(lead.id, 2)]) for moment in ("before", "after")]

    async def test_an_older_version_is_not_asked_for(self, database: Database) -> None:
        lead = await stored(database)
        newer = lead.with_activity(NOW)
        async with database() as work:
            await work.leads.save(newer)

        with pytest.raises(LeadChanged):
            await ask(database, lead)

        assert await kept(database, lead) == (newer, 0)

    async def test_a_deleted_lead_is_not_asked_for(self, database: Database) -> None:
        lead = await stored(database)
        deleted = lead.deleted(NOW)
        async with database() as work:
            await work.leads.save(deleted)

        with pytest.raises(LeadChanged):
            await ask(database, deleted)

        assert await kept(database, lead) == (None, 0)

    async def test_a_lead_that_is_not_there_is_not_asked_for(self, database: Database) -> None:
        with pytest.raises(LeadChanged):
            await ask(database, a_lead())

    async def test_an_open_run_is_left_alone_and_its_lead_too(self, database: Database) -> None:
        lead = await stored(database)
        await requested(database, lead)

        with pytest.raises(LeadChanged):
            await ask(database, lead)

        assert await kept(database, lead) == (lead, 1)

    async def test_what_else_was_written_goes_with_a_refusal(self, database: Database) -> None:
        lead, other = await stored(database), a_lead(email="b@example.com")
        await requested(database, lead)

        with pytest.raises(LeadChanged):
            async with database() as work:
                await work.leads.add(other)
                await work.requests.ask(a_run(lead), lead.awaiting_summary(NOW))

        assert await kept(database, other) == (None, 0)

    async def test_of_many_who_ask_at_once_one_is_heard(self, database: Database) -> None:
        lead = await stored(database)

        answers = await asyncio.gather(
            *(ask(database, lead) for _ in range(8)), return_exceptions=True
        )

        assert sum(isinstance(answer, SummaryRun) for answer in answers) == 1
        assert sum(isinstance(answer, LeadChanged) for answer in answers) == 7
        assert await kept(database, lead) == (lead.awaiting_summary(NOW), 1)
