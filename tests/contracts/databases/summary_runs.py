"""Summary runs: one open per lead, claimed by one worker at a time, settled under its lease."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import FailureType, SummaryRunOpen
from domain.insight import SummarizerAnswer, Usage
from domain.ports import Position
from domain.summary import LEAD_DELETED, PassedOver, RunError, RunSettlement, RunState, SummaryRun
from tests.builders import NOW, a_basis, a_lead, a_run, an_insight
from tests.contracts.databases.recording import Database, a_token, requested, run_of, stored

LEASE = timedelta(seconds=30)
AT_ONCE = timedelta(0)
ANSWER = SummarizerAnswer(
    insight=an_insight(),
    provider="fake",
    model="m",
    prompt_version="1",
    usage=Usage(10, 5),
)


async def claim(
    database: Database,
    limit: int = 1,
    lease: timedelta = LEASE,
    beside: Collection[SummaryRun] = (),
) -> list[SummaryRun]:
    async with database() as work:
        return list(await work.summary_runs.claim(a_token(), lease, limit, beside))


async def settle(
    database: Database, run: SummaryRun, held: SummaryRun, retry_in: timedelta | None = None
) -> bool:
    assert held.lease_token is not None
    async with database() as work:
        return await work.summary_runs.settle(run, held.lease_token, retry_in)


class SummaryRunsContract:
    async def test_a_requested_run_is_pending_and_due_at_once(self, database: Database) -> None:
        run = await requested(database, await stored(database))

        assert (await run_of(database, run)).state is RunState.PENDING
        assert [claimed.id for claimed in await claim(database)] == [run.id]

    async def test_a_second_request_gets_the_open_run(self, database: Database) -> None:
        lead = await stored(database)
        first = await requested(database, lead)

        assert (await requested(database, lead)).id == first.id

    async def test_of_many_requests_at_once_one_run_comes_of_it(self, database: Database) -> None:
        lead = await stored(database)

        runs = await asyncio.gather(*(requested(database, lead) for _ in range(50)))

        assert len({run.id for run in runs}) == 1

    async def test_after_the_end_of_a_run_there_may_be_another(self, database: Database) -> None:
        lead = await stored(database)
        await requested(database, lead)
        (held,) = await claim(database)
        await settle(database, held.answered(ANSWER, a_basis(), NOW), held)

        assert (await requested(database, lead)).id != held.id

    async def test_a_claimed_run_tells_its_lease(self, database: Database) -> None:
        await requested(database, await stored(database))

        (held,) = await claim(database)

        assert held.state is RunState.RUNNING
        assert held.lease_token is not None
        assert held.lease_until is not None
        assert (held.attempts, held.crashes) == (0, 0)
        assert await run_of(database, held) == held

    async def test_many_are_settled_at_once_each_under_its_own_lease(
        self, database: Database
    ) -> None:
        for n in range(4):
            await requested(database, await stored(database, email=f"lead{n}@example.com"))
        held = await claim(database, limit=4)
        answered, failed, retried = held[0], held[1], held[2]
        error = RunError(FailureType.QUOTA, "none is left")
        lost, token = replace(held[3], lease_token=a_token()), held[0].claim
        passed_over = [PassedOver(name, FailureType.QUOTA) for name in ("gemini", "openai")]
        settlements = [
            RunSettlement(
                replace(answered.answered(ANSWER, a_basis(), NOW), passed_over=passed_over), token
            ),
            RunSettlement(failed.given_up(error, NOW), token),
            RunSettlement(retried.given_back(), token, LEASE),
            RunSettlement(lost.answered(ANSWER, a_basis(), NOW), lost.claim),
        ]

        async with database() as work:
            settled = await work.summary_runs.settle_all(settlements)

        assert settled == {answered.id, failed.id, retried.id}
        now = [await run_of(database, run) for run in held]
        assert [run.state for run in now] == [
            RunState.SUCCEEDED, RunState.FAILED, RunState.PENDING, RunState.RUNNING,
        ]  # fmt: skip
        assert (now[0].insight, now[0].basis) == (ANSWER.insight, settlements[0].run.basis)
        assert (now[0].error, now[1].error, now[1].insight) == (None, error, None)
        assert [list(run.passed_over) for run in now] == [passed_over, [], [], []]
        assert now[2].next_attempt_at is not None
        assert await claim(database, limit=4) == []

    async def test_to_settle_none_is_to_change_none(self, database: Database) -> None:
        async with database() as work:
            assert await work.summary_runs.settle_all([]) == set()

    async def test_no_run_is_claimed_twice_under_leases_that_stand(
        self, database: Database
    ) -> None:
        for n in range(10):
            await requested(database, await stored(database, email=f"lead{n}@example.com"))

        claims = await asyncio.gather(*(claim(database, limit=3) for _ in range(8)))

        taken = [run.id for runs in claims for run in runs]
        assert len(taken) == len(set(taken)) == 10

    async def test_a_run_has_one_taker_among_many(self, database: Database) -> None:
        await requested(database, await stored(database))

        claims = await asyncio.gather(*(claim(database) for _ in range(20)))

        assert sum(len(runs) for runs in claims) == 1

    async def test_no_more_are_claimed_than_asked_for_longest_due_first(
        self, database: Database
    ) -> None:
        for n in range(4):
            await requested(database, await stored(database, email=f"lead{n}@example.com"))
        held = await claim(database, limit=4)
        for run, hours in zip(held, (1, 3, 2, 0), strict=True):
            # due since so many hours
            await settle(database, run.given_back(), run, timedelta(hours=-hours))

        first, second = await claim(database, limit=2)
        third, fourth = await claim(database, limit=5)

        claimed = [run.id for run in (first, second, third, fourth)]
        assert claimed == [held[n].id for n in (1, 2, 0, 3)]

    async def test_all_times_are_the_stores_and_in_utc(self, database: Database) -> None:
        run = await run_of(database, await requested(database, await stored(database)))

        (held,) = await claim(database)

        assert run.next_attempt_at is not None
        assert held.lease_until is not None
        assert held.lease_until.utcoffset() == run.next_attempt_at.utcoffset() == timedelta(0)
        assert LEASE <= held.lease_until - run.next_attempt_at < LEASE + timedelta(minutes=1)

    async def test_what_a_dead_worker_held_goes_before_what_waits(self, database: Database) -> None:
        for n in range(3):
            await requested(database, await stored(database, email=f"lead{n}@example.com"))
        held = await claim(database, limit=2, lease=AT_ONCE)
        ids = {run.id for run in held}

        again = await claim(database, limit=3)

        assert {run.id for run in again[:2]} == ids
        assert len(again) == 3

    async def test_one_of_many_is_not_blamed_for_their_worker(self, database: Database) -> None:
        for n in range(3):
            await requested(database, await stored(database, email=f"lead{n}@example.com"))
        await claim(database, limit=3, lease=AT_ONCE)

        again = await claim(database, limit=3)

        assert {(run.crashes, run.blamed, run.alone) for run in again} == {(1, 0, False)}

    async def test_a_run_is_held_alone_until_another_joins_it(self, database: Database) -> None:
        await requested(database, await stored(database))
        first = await claim(database)
        nobody = await claim(database, beside=first)
        alone = await run_of(database, first[0])
        await requested(database, await stored(database, email="second@example.com"))

        second = await claim(database, beside=first)

        both = [await run_of(database, run) for run in (*first, *second)]
        assert (nobody, alone.alone) == ([], True)
        assert [run.alone for run in both] == [False, False]

    async def test_a_suspect_stays_alone_whoever_joins_it(self, database: Database) -> None:
        await requested(database, await stored(database))
        await claim(database, lease=AT_ONCE)
        suspect = await claim(database)
        await requested(database, await stored(database, email="second@example.com"))

        await claim(database, beside=suspect)

        assert (await run_of(database, suspect[0])).alone

    async def test_a_worker_does_not_take_what_it_holds_itself(self, database: Database) -> None:
        await requested(database, await stored(database))
        held = await claim(database, lease=AT_ONCE)

        again = await claim(database, beside=held)
        other = await claim(database)

        assert again == []
        assert [run.id for run in other] == [held[0].id]

    async def test_a_worker_holds_one_suspect_at_a_time(self, database: Database) -> None:
        for n in range(4):
            await requested(database, await stored(database, email=f"lead{n}@example.com"))
        for _ in range(2):
            await claim(database, limit=3, lease=AT_ONCE)

        first = await claim(database, limit=4)
        beside = await claim(database, limit=4, beside=first)
        other = await claim(database, limit=4)

        # the fourth was never held, and goes along with the first suspect
        assert [(run.crashes, run.alone) for run in first] == [(2, True), (0, False)]
        assert beside == []
        assert [(run.crashes, run.alone) for run in other] == [(2, True)]

    async def test_each_lapsed_lease_counts_until_the_run_is_poisonous(
        self, database: Database
    ) -> None:
        await requested(database, await stored(database))

        claims = [await claim(database, lease=AT_ONCE) for _ in range(4)]

        assert [(run.crashes, run.is_poisonous) for (run,) in claims] == [
            (0, False), (1, False), (2, False), (3, True),
        ]  # fmt: skip

    async def test_a_lapsed_lease_counts_a_crash_and_its_holder_may_not_settle(
        self, database: Database
    ) -> None:
        await requested(database, await stored(database))
        (late,) = await claim(database, lease=AT_ONCE)

        (taker,) = await claim(database)

        assert (taker.id, taker.crashes) == (late.id, 1)
        assert not await settle(database, late.answered(ANSWER, a_basis(), NOW), late)
        assert await run_of(database, taker) == taker

    async def test_a_lease_that_stands_may_settle_once(self, database: Database) -> None:
        await requested(database, await stored(database))
        (held,) = await claim(database)
        ended = held.answered(ANSWER, a_basis(), NOW)

        assert await settle(database, ended, held)
        assert not await settle(database, held.given_back(), held)
        assert await run_of(database, held) == ended

    async def test_renewing_prolongs_what_is_held_and_tells_it(self, database: Database) -> None:
        for n in range(2):
            await requested(database, await stored(database, email=f"lead{n}@example.com"))
        (held,) = await claim(database, lease=AT_ONCE)
        (lost,) = [run for run in await claim(database, 2, AT_ONCE) if run.id != held.id][:1]
        (retaken,) = [run for run in await claim(database, 2, AT_ONCE) if run.id == lost.id]
        assert held.lease_token is not None
        assert lost.lease_token is not None
        assert retaken.lease_token is not None

        async with database() as work:
            kept = await work.summary_runs.renew({retaken.lease_token, a_token()}, LEASE)

        assert lost.id in kept
        assert lost.id not in {run.id for run in await claim(database, 2)}

    async def test_a_renewed_lease_ends_later(self, database: Database) -> None:
        await requested(database, await stored(database))
        (held,) = await claim(database)
        assert held.lease_token is not None

        async with database() as work:
            await work.summary_runs.renew({held.lease_token}, timedelta(hours=1))

        renewed = await run_of(database, held)
        assert renewed == replace(held, lease_until=renewed.lease_until)
        assert renewed.lease_until is not None
        assert held.lease_until is not None
        assert renewed.lease_until > held.lease_until + timedelta(minutes=50)

    async def test_a_run_that_was_never_kept_is_not_settled(self, database: Database) -> None:
        stranger = a_run(await stored(database)).claimed(a_token(), NOW)

        assert not await settle(database, stranger.given_back(), stranger)

    async def test_a_renewal_under_a_lost_token_holds_nothing(self, database: Database) -> None:
        await requested(database, await stored(database))
        (late,) = await claim(database, lease=AT_ONCE)
        await claim(database)
        assert late.lease_token is not None

        async with database() as work:
            assert await work.summary_runs.renew({late.lease_token}, LEASE) == set()

    async def test_a_retry_is_not_due_before_its_time(self, database: Database) -> None:
        await requested(database, await stored(database))
        (held,) = await claim(database)
        error = RunError(FailureType.QUOTA, "wait")
        retried = replace(held.given_back(), attempts=1, error=error)

        await settle(database, retried, held, timedelta(hours=1))

        waiting = await run_of(database, held)
        assert await claim(database) == []
        assert (waiting.state, waiting.attempts, waiting.error) == (RunState.PENDING, 1, error)
        assert waiting.next_attempt_at is not None
        assert held.lease_until is not None
        assert waiting.next_attempt_at > held.lease_until + timedelta(minutes=50)

    async def test_a_run_that_is_given_back_is_due_at_once(self, database: Database) -> None:
        await requested(database, await stored(database))
        (held,) = await claim(database)

        await settle(database, held.given_back(), held)

        (again,) = await claim(database)
        assert (again.id, again.crashes) == (held.id, 0)

    async def test_a_run_at_its_end_is_not_claimed(self, database: Database) -> None:
        await requested(database, await stored(database))
        (held,) = await claim(database, lease=AT_ONCE)
        await settle(database, held.given_up(RunError(FailureType.CRASHED, "x"), NOW), held)

        assert await claim(database) == []

    async def test_a_requeued_run_is_due_at_once(self, database: Database) -> None:
        await requested(database, await stored(database))
        (held,) = await claim(database)
        await settle(database, held.given_up(RunError(FailureType.CRASHED, "x"), NOW), held)
        ended = await run_of(database, held)

        async with database() as work:
            await work.summary_runs.reopen(ended.requeued())

        assert [run.id for run in await claim(database)] == [held.id]

    async def test_an_open_run_is_not_requeued(self, database: Database) -> None:
        run = await requested(database, await stored(database))

        with pytest.raises(SummaryRunOpen) as refused:
            async with database() as work:
                await work.summary_runs.reopen(run.requeued())

        assert refused.value.run_id == run.id

    async def test_no_run_is_requeued_beside_an_open_one(self, database: Database) -> None:
        lead = await stored(database)
        await requested(database, lead)
        (old,) = await claim(database)
        ended = old.given_up(RunError(FailureType.CRASHED, "x"), NOW)
        await settle(database, ended, old)
        newer = await requested(database, lead)

        with pytest.raises(SummaryRunOpen) as refused:
            async with database() as work:
                await work.summary_runs.reopen(ended.requeued())

        assert refused.value.run_id == newer.id

    async def test_of_many_who_requeue_a_run_one_does(self, database: Database) -> None:
        await requested(database, await stored(database))
        (held,) = await claim(database)
        ended = held.given_up(RunError(FailureType.CRASHED, "x"), NOW)
        await settle(database, ended, held)

        async def requeue() -> None:
            async with database() as work:
                await work.summary_runs.reopen(ended.requeued())

        outcomes = await asyncio.gather(*(requeue() for _ in range(10)), return_exceptions=True)

        refused = [each.run_id for each in outcomes if isinstance(each, SummaryRunOpen)]
        assert (outcomes.count(None), refused) == (1, [held.id] * 9)

    async def test_runs_of_a_lead_are_listed_newest_first(self, database: Database) -> None:
        lead = await stored(database)
        runs = []
        for n in range(3):
            run = a_run(lead, created_at=NOW + timedelta(seconds=n))
            async with database() as work:
                await work.summary_runs.add(run)
            (held,) = await claim(database)
            await settle(database, held.answered(ANSWER, a_basis(), NOW), held)
            runs.append(run.id)

        async with database(reads_only=True) as work:
            page = await work.summary_runs.page(lead.id, 2, None)
            rest = await work.summary_runs.page(
                lead.id, 2, Position(page[-1].created_at, page[-1].id)
            )

        assert [run.id for run in (*page, *rest)] == runs[::-1]

    async def test_runs_are_found_by_their_ids_whosever_they_are(self, database: Database) -> None:
        runs = [
            await requested(database, await stored(database, email=f"lead{n}@example.com"))
            for n in range(3)
        ]

        async with database(reads_only=True) as work:
            found = await work.summary_runs.among([runs[0].id, runs[2].id, a_run(a_lead()).id])
            of_none = await work.summary_runs.among([])

        assert {run.id: run for run in found} == {runs[n].id: runs[n] for n in (0, 2)}
        assert list(of_none) == []

    async def test_a_run_is_found_only_under_its_own_lead(self, database: Database) -> None:
        run = await requested(database, await stored(database))

        async with database(reads_only=True) as work:
            assert await work.summary_runs.get(a_lead().id, run.id) is None

    async def test_the_run_before_is_the_one_that_succeeded_last_until_then(
        self, database: Database
    ) -> None:
        lead, other = await stored(database), await stored(database, email="b@example.com")
        succeeded, failed = {}, RunError(FailureType.CRASHED, "x")
        for n, (whose, ok) in enumerate([(lead, 1), (lead, 1), (other, 1), (lead, 0), (lead, 1)]):
            await requested(database, whose)
            (held,) = await claim(database)
            at = NOW + timedelta(seconds=n)
            ended = held.answered(ANSWER, a_basis(), at) if ok else held.given_up(failed, at)
            await settle(database, ended, held)
            succeeded[n] = await run_of(database, ended)

        async with database(reads_only=True) as work:
            before = {n: await work.summary_runs.before(succeeded[n]) for n in (0, 1, 2, 4)}

        assert before == {0: None, 1: succeeded[0], 2: None, 4: succeeded[1]}

    async def test_a_run_that_is_given_up_is_nobodys_any_more(self, database: Database) -> None:
        lead = await stored(database)
        await requested(database, lead)
        (held,) = await claim(database)

        async with database() as work:
            await work.summary_runs.give_up(lead.id, LEAD_DELETED, NOW)

        run = await run_of(database, held)
        assert (run.state, run.error, run.finished_at) == (RunState.FAILED, LEAD_DELETED, NOW)
        assert not await settle(database, held.answered(ANSWER, a_basis(), NOW), held)
        async with database() as work:
            assert await work.summary_runs.renew({held.claim}, LEASE) == set()
        assert await claim(database) == []

    async def test_only_the_open_run_of_this_lead_is_given_up(self, database: Database) -> None:
        lead, other = await stored(database), await stored(database, email="b@example.com")
        await requested(database, lead)
        (held,) = await claim(database)
        await settle(database, held.answered(ANSWER, a_basis(), NOW), held)
        waiting = await requested(database, other)

        async with database() as work:
            await work.summary_runs.give_up(lead.id, LEAD_DELETED, NOW)

        assert (await run_of(database, held)).state is RunState.SUCCEEDED
        assert (await run_of(database, waiting)).state is RunState.PENDING
