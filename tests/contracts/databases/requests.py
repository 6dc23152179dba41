"""Asking for summaries: a run and its lead's state are there together, or not at all."""

import asyncio

from domain.lead import Lead, LeadId
from domain.summary import RunState, SummaryRun
from tests.builders import NOW, a_lead, a_run
from tests.contracts.databases.recording import Database, RecordingHook, requested, run_of, stored


async def ask(database: Database, *asked: tuple[SummaryRun, Lead]) -> set[LeadId]:
    async with database() as work:
        return await work.requests.ask([(run, lead.awaiting_summary(NOW)) for run, lead in asked])


async def ask_for(database: Database, *leads: Lead) -> set[LeadId]:
    return await ask(database, *((a_run(lead), lead) for lead in leads))


async def kept(database: Database, lead: Lead) -> tuple[Lead | None, int]:
    async with database(reads_only=True) as work:
        return await work.leads.get(lead.id), len(await work.summary_runs.page(lead.id, 9, None))


class RequestsContract:
    async def test_a_run_is_kept_with_its_leads_state(
        self, database: Database, hook: RecordingHook
    ) -> None:
        lead = await stored(database)
        run = a_run(lead)

        assert await ask(database, (run, lead)) == {lead.id}

        found = await run_of(database, run)
        assert (found.state, found.attempts, found.created_at) == (
            RunState.PENDING,
            0,
            run.created_at,
        )
        assert found.next_attempt_at is not None
        assert await kept(database, lead) == (lead.awaiting_summary(NOW), 1)
        assert hook.told == [(moment, [(lead.id, 2)]) for moment in ("before", "after")]

    async def test_each_of_many_gets_its_own_run(
        self, database: Database, hook: RecordingHook
    ) -> None:
        leads = [await stored(database, email=f"{name}@example.com") for name in "abc"]
        runs = [a_run(lead) for lead in leads]

        written = await ask(database, *zip(runs, leads, strict=True))

        assert written == {lead.id for lead in leads}
        for lead, run in zip(leads, runs, strict=True):
            assert (await run_of(database, run)).lead_id == lead.id
            assert await kept(database, lead) == (lead.awaiting_summary(NOW), 1)
        assert [sorted(told) for _, told in hook.told] == [sorted((id_, 2) for id_ in written)] * 2

    async def test_one_that_cannot_be_asked_for_costs_the_others_nothing(
        self, database: Database, hook: RecordingHook
    ) -> None:
        lead, busy = await stored(database), await stored(database, email="b@example.com")
        await requested(database, busy)
        hook.told.clear()

        assert await ask_for(database, busy, a_lead(email="c@example.com"), lead) == {lead.id}

        assert await kept(database, lead) == (lead.awaiting_summary(NOW), 1)
        assert await kept(database, busy) == (busy, 1)
        _, told = hook.told[-1]
        assert (lead.id, 2) in told
        assert (busy.id, 2) not in told

    async def test_an_older_version_is_not_asked_for(self, database: Database) -> None:
        lead = await stored(database)
        newer = lead.with_activity(NOW)
        async with database() as work:
            await work.leads.save(newer)

        assert not await ask_for(database, lead)

        assert await kept(database, lead) == (newer, 0)

    async def test_a_deleted_lead_is_not_asked_for(self, database: Database) -> None:
        lead = await stored(database)
        deleted = lead.deleted(NOW)
        async with database() as work:
            await work.leads.save(deleted)

        assert not await ask_for(database, deleted)

        assert await kept(database, lead) == (None, 0)

    async def test_an_open_run_is_left_alone_and_its_lead_too(self, database: Database) -> None:
        lead = await stored(database)
        await requested(database, lead)

        assert not await ask_for(database, lead)

        assert await kept(database, lead) == (lead, 1)

    async def test_of_many_who_ask_at_once_one_is_heard(self, database: Database) -> None:
        lead = await stored(database)

        answers = await asyncio.gather(*(ask_for(database, lead) for _ in range(8)))

        assert sorted(map(len, answers)) == [0] * 7 + [1]
        assert await kept(database, lead) == (lead.awaiting_summary(NOW), 1)
