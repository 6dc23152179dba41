"""Runs asked for by the hundred: one open run for each lead, and how those of a request stand."""

import asyncio
from datetime import timedelta

from adapters.system import UuidV7Ids
from domain.bulk_summary import BulkSummary, BulkSummaryId
from domain.lead import Lead, LeadId, SummaryStatus
from domain.lead_fields import LeadStatus
from domain.lead_list import LeadFilter
from domain.ports import Position
from domain.summary import LEAD_DELETED, RunState, SummaryRun
from tests.builders import NOW, a_lead, a_run
from tests.contracts.databases.held_leads import ADDRESSES, renamed, stored_leads
from tests.contracts.databases.recording import Database, a_token, requested, run_of, stored

LEASE = timedelta(seconds=30)
WANTED = LeadFilter(
    status=LeadStatus.QUALIFIED,
    source="fair",
    summary_status=SummaryStatus.FAILED,
    q="\u00e9cole",
    created_after=NOW,
    created_before=NOW + timedelta(days=1, microseconds=7),
    updated_after=NOW,
)
_ids = UuidV7Ids()


def a_bulk(lead: Lead | None = None) -> BulkSummary:
    """Its list goes on after the lead, if there is one."""
    return BulkSummary(
        id=BulkSummaryId(_ids.new()),
        wanted=WANTED,
        queued=3,
        joined=2,
        unchanged=1,
        rest=Position(lead.created_at, lead.id) if lead else None,
        created_at=NOW,
    )


async def added(database: Database, runs: list[SummaryRun]) -> set[object]:
    async with database() as work:
        return set(await work.summary_runs.add_new(runs))


class BulkSummariesContract:
    async def test_of_many_runs_those_are_kept_whose_leads_have_none_open(
        self, database: Database
    ) -> None:
        leads = await stored_leads(database)
        standing = await requested(database, leads[7])
        runs = [a_run(lead) for lead in leads]

        kept = await added(database, runs)

        assert kept == {run.id for run in runs} - {runs[7].id}
        async with database() as work:
            claimed = await work.summary_runs.claim(a_token(), LEASE, 100)
        assert {run.id for run in claimed} == {*kept, standing.id}

    async def test_a_run_that_was_added_with_others_is_as_one_that_was_added_alone(
        self, database: Database
    ) -> None:
        one, other = await stored(database), await stored(database, email="b@example.com")
        alone = await requested(database, one)
        run = a_run(other)

        await added(database, [run])

        together = await run_of(database, run)
        assert together.next_attempt_at is not None
        assert alone.next_attempt_at is not None
        assert {
            name for name in SummaryRun.__slots__ if getattr(alone, name) != getattr(together, name)
        } == {"id", "lead_id", "next_attempt_at"}

    async def test_no_runs_are_none(self, database: Database) -> None:
        async with database() as work:
            assert await work.summary_runs.add_new([]) == set()
            assert list(await work.summary_runs.open_of([])) == []
            assert list(await work.leads.hold_these([])) == []

    async def test_of_many_who_ask_for_the_same_leads_each_lead_gets_one_run(
        self, database: Database
    ) -> None:
        leads = await stored_leads(database)

        async def ask(order: int) -> set[object]:
            async with database() as work:
                held = await work.leads.hold_these([lead.id for lead in leads[::order]])
                return set(await work.summary_runs.add_new([a_run(lead) for lead in held]))

        kept = await asyncio.gather(*(ask(1 - 2 * (n % 2)) for n in range(6)))

        assert sorted(len(each) for each in kept) == [0] * 5 + [len(leads)]

    async def test_open_are_the_runs_that_are_not_at_their_end(self, database: Database) -> None:
        leads = (await stored_leads(database))[:4]
        runs = [await requested(database, lead) for lead in leads]
        async with database() as work:
            await work.summary_runs.give_up(leads[0].id, LEAD_DELETED, NOW)
            await work.summary_runs.claim(a_token(), LEASE, 1)

        async with database(reads_only=True) as work:
            found = await work.summary_runs.open_of([lead.id for lead in leads[:3]])

        assert {run.id for run in found} == {runs[1].id, runs[2].id}
        assert {run.state for run in found} == {RunState.PENDING, RunState.RUNNING}

    async def test_those_leads_are_held_that_are_there(self, database: Database) -> None:
        leads = await stored_leads(database)
        async with database() as work:
            await work.leads.save(leads[0].deleted(NOW))

        ids = [leads[0].id, leads[1].id, leads[2].id, LeadId(a_lead().id)]
        async with database() as work:
            held = await work.leads.hold_these(ids)
            await work.leads.save_all([renamed(lead, "Navy") for lead in held])

        assert {lead.id for lead in held} == {leads[1].id, leads[2].id}
        async with database(reads_only=True) as work:
            found = await work.leads.matching([], ADDRESSES)
        assert {lead.id for lead in found if lead.company} == {leads[1].id, leads[2].id}

    async def test_who_holds_by_ids_and_who_holds_by_addresses_do_not_wait_in_a_ring(
        self, database: Database
    ) -> None:
        leads = await stored_leads(database)

        async def append(order: int, *, by_ids: bool) -> None:
            async with database() as work:
                held = (
                    await work.leads.hold_these([lead.id for lead in leads[::order]])
                    if by_ids
                    else await work.leads.hold(ADDRESSES[::order])
                )
                await work.leads.save_all(
                    [renamed(lead, f"{lead.company or ''}x") for lead in held]
                )

        await asyncio.gather(*(append(1 - n % 2 * 2, by_ids=n < 2) for n in range(4)))

        async with database(reads_only=True) as work:
            found = await work.leads.matching([], ADDRESSES)
        assert {lead.company for lead in found} == {"x" * 4}

    async def test_a_request_is_found_as_it_was_kept(self, database: Database) -> None:
        lead = await stored(database)
        whole, part = a_bulk(), a_bulk(lead)
        async with database() as work:
            await work.bulk_summaries.add(whole, [])
            await work.bulk_summaries.add(part, [])

        async with database(reads_only=True) as work:
            assert await work.bulk_summaries.get(whole.id) == whole
            assert await work.bulk_summaries.get(part.id) == part
            assert await work.bulk_summaries.get(a_bulk().id) is None

    async def test_the_runs_of_a_request_are_counted_by_how_they_stand(
        self, database: Database
    ) -> None:
        leads = (await stored_leads(database))[:5]
        runs = [await requested(database, lead) for lead in leads]
        mine, other = a_bulk(), a_bulk()
        async with database() as work:
            await work.bulk_summaries.add(mine, [run.id for run in runs[:4]])
            await work.bulk_summaries.add(other, [run.id for run in runs[3:]])
            await work.summary_runs.give_up(leads[0].id, LEAD_DELETED, NOW)

        async with database(reads_only=True) as work:
            states = await work.bulk_summaries.run_states(mine.id)
            of_other = await work.bulk_summaries.run_states(other.id)
            of_none = await work.bulk_summaries.run_states(a_bulk().id)

        assert dict(states) == {RunState.FAILED: 1, RunState.PENDING: 3}
        assert dict(of_other) == {RunState.PENDING: 2}
        assert dict(of_none) == {}
