"""One attempt at a claimed summary run, over the memory database."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.system import SystemClock, SystemJitter, UuidV7Ids
from application.ports import UnitOfWork
from application.run_summary import RunSummaries
from domain.errors import DatabaseUnavailable, FailureType, SummarizerFailed
from domain.insight import SummarizerAnswer
from domain.lead import Lead, SummaryStatus
from domain.summary import LeaseToken, RetryPolicy, RunState, SummaryRun
from domain.summary_input import SummaryInput
from tests.builders import NOW, a_lead, a_run, an_insight, chain_of

LEASE = timedelta(seconds=15)
ANSWER = SummarizerAnswer(insight=an_insight(), provider="fake", model="m", prompt_version="1")


@dataclass
class ScriptedSummarizer:
    """Answers, or fails, as the test says; `meanwhile` happens during the call."""

    outcome: SummarizerAnswer | Exception = ANSWER
    meanwhile: Callable[[], object] | None = None
    calls: int = 0

    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        self.calls += 1
        if self.meanwhile is not None and asyncio.iscoroutine(pending := self.meanwhile()):
            await pending
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Bench:
    """A database with one lead that waits for its summary."""

    def __init__(self, outcome: SummarizerAnswer | Exception = ANSWER) -> None:
        self.database = MemoryDatabase(SystemClock())
        self.summarizer = ScriptedSummarizer(outcome)
        self.work = RunSummaries(
            self.database,
            chain_of(self.summarizer),
            SystemClock(),
            UuidV7Ids(),
            SystemJitter(),
            RetryPolicy(max_attempts=2),
        )
        self.lead = a_lead()

    async def prepare(self, **but: object) -> None:
        self.lead = a_lead(**but)
        async with self.database() as work:
            await work.leads.add(self.lead)
            waiting = self.lead.awaiting_summary(self.lead.created_at)
            await work.leads.save(waiting)
            await work.summary_runs.add(a_run(self.lead))

    async def claim(self) -> SummaryRun:
        return (await self.work.claim(1, LEASE))[0]

    async def state(self) -> tuple[Lead, SummaryRun]:
        async with self.database(reads_only=True) as work:
            lead = await work.leads.get(self.lead.id)
            runs = await work.summary_runs.page(self.lead.id, 10, None)
        assert lead is not None
        return lead, runs[0]


async def test_an_answer_is_written_to_the_lead_and_the_run_together() -> None:
    bench = Bench()
    await bench.prepare()

    await bench.work.perform(await bench.claim())

    lead, run = await bench.state()
    assert (lead.summary, lead.next_action) == ("Who.", "Do it.")
    assert lead.summary_status is SummaryStatus.READY
    assert (run.state, run.provider) == (RunState.SUCCEEDED, "fake")


@pytest.mark.parametrize("type", [FailureType.BLOCKED, FailureType.INTERNAL])
async def test_a_final_failure_is_never_text(type: FailureType) -> None:
    bench = Bench(SummarizerFailed(type, "no"))
    await bench.prepare()

    await bench.work.perform(await bench.claim())

    lead, run = await bench.state()
    assert (lead.summary, lead.next_action) == (None, None)
    assert lead.summary_status is SummaryStatus.FAILED
    assert run.error is not None
    assert run.error.type is type


async def test_a_failure_never_replaces_a_good_summary() -> None:
    bench = Bench(SummarizerFailed(FailureType.BLOCKED, "no"))
    await bench.prepare(summary="Good.", next_action="Call.", version=1)

    await bench.work.perform(await bench.claim())

    lead, _ = await bench.state()
    assert (lead.summary, lead.next_action) == ("Good.", "Call.")


async def test_while_a_retry_is_due_the_lead_is_still_processing() -> None:
    bench = Bench(SummarizerFailed(FailureType.UNAVAILABLE, "503"))
    await bench.prepare()

    await bench.work.perform(await bench.claim())

    lead, run = await bench.state()
    assert lead.summary_status is SummaryStatus.PROCESSING
    assert (run.state, run.attempts) == (RunState.PENDING, 1)
    assert run.next_attempt_at is not None


async def test_a_defect_in_an_adapter_is_a_typed_failure() -> None:
    bench = Bench(ZeroDivisionError())
    await bench.prepare()

    await bench.work.perform(await bench.claim())

    _, run = await bench.state()
    assert run.state is RunState.FAILED
    assert run.error is not None
    assert (run.error.type, run.error.detail) == (FailureType.INTERNAL, "ZeroDivisionError")


async def test_an_answer_whose_lease_was_taken_over_is_dropped() -> None:
    bench = Bench()
    await bench.prepare()
    held = (await bench.work.claim(1, timedelta(0)))[0]
    taker = await bench.claim()
    bench.summarizer.outcome = replace(
        ANSWER, insight=an_insight(summary="Late.", next_action="Late.")
    )

    await bench.work.perform(held)

    lead, run = await bench.state()
    assert lead.summary is None
    assert (run.state, run.lease_token) == (RunState.RUNNING, taker.lease_token)


async def test_a_run_that_took_three_workers_down_is_given_up_without_a_call() -> None:
    bench = Bench()
    await bench.prepare()
    for _ in range(3):
        await bench.work.claim(1, timedelta(0))

    await bench.work.perform(await bench.claim())

    _, run = await bench.state()
    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.type is FailureType.CRASHED
    assert bench.summarizer.calls == 0


async def test_an_edit_during_the_call_is_not_lost_and_does_not_starve_the_answer() -> None:
    bench = Bench()
    await bench.prepare()

    async def edit() -> None:
        async with bench.database() as work:
            lead = await work.leads.get(bench.lead.id)
            assert lead is not None
            await work.leads.save(replace(lead, company="Navy", version=lead.version + 1))

    bench.summarizer.meanwhile = edit

    await bench.work.perform(await bench.claim())

    lead, _ = await bench.state()
    assert (lead.company, lead.summary) == ("Navy", "Who.")


async def test_a_run_that_is_given_back_is_due_at_once_at_no_cost() -> None:
    bench = Bench()
    await bench.prepare()
    await bench.work.give_back(await bench.claim())

    again = await bench.claim()

    assert (again.attempts, again.crashes) == (0, 0)


async def test_each_attempt_reads_the_lead_anew() -> None:
    bench = Bench(SummarizerFailed(FailureType.UNAVAILABLE, "503"))
    await bench.prepare()
    await bench.work.perform(await bench.claim())
    async with bench.database() as work:
        lead = await work.leads.get(bench.lead.id)
        assert lead is not None
        await work.leads.save(replace(lead, company="Navy", version=lead.version + 1))
    asked: list[SummaryInput] = []

    class Listening:
        async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
            asked.append(known)
            return ANSWER

    again = replace(bench.work, ask=chain_of(Listening()))
    async with bench.database(reads_only=True) as work:
        run = (await work.summary_runs.page(bench.lead.id, 1, None))[0]
    held = run.claimed(LeaseToken(UuidV7Ids().new()), NOW)

    await again.perform(held)

    assert [known.facts.get("company") for known in asked] == ["Navy"]


async def test_a_paid_answer_outlives_a_short_outage_of_the_database() -> None:
    bench = Bench()
    await bench.prepare()
    held = await bench.claim()
    outages = [DatabaseUnavailable("restarting"), DatabaseUnavailable("restarting")]
    database = bench.database

    def unreliable(*, reads_only: bool = False) -> AbstractAsyncContextManager[UnitOfWork]:
        if outages and not reads_only:
            raise outages.pop()
        return database(reads_only=reads_only)

    await replace(bench.work, unit_of_work=unreliable, pauses=(0.0, 0.0, 0.0)).perform(held)

    lead, _ = await bench.state()
    assert (lead.summary, bench.summarizer.calls) == ("Who.", 1)


async def test_an_outcome_that_cannot_be_written_is_left_to_the_lease() -> None:
    bench = Bench()
    await bench.prepare()
    held = await bench.claim()

    def away(*, reads_only: bool = False) -> AbstractAsyncContextManager[UnitOfWork]:
        if not reads_only:
            raise DatabaseUnavailable("gone")
        return bench.database(reads_only=True)

    with pytest.raises(DatabaseUnavailable):
        await replace(bench.work, unit_of_work=away, pauses=(0.0,)).perform(held)

    _, run = await bench.state()
    assert run.state is RunState.RUNNING


class NoChance:
    """Every retry is due at once."""

    def chance(self) -> float:
        return 0.0


async def test_with_a_wrong_key_runs_are_left_in_peace_and_burn_no_attempts() -> None:
    bench = Bench(SummarizerFailed(FailureType.CREDENTIALS, "401"))
    await bench.prepare()
    work = replace(bench.work, jitter=NoChance())
    await work.perform(await bench.claim())

    assert await work.claim(10, LEASE) == []
    _, run = await bench.state()
    assert (run.state, run.attempts) == (RunState.PENDING, 0)
    assert run.error is not None
    assert run.error.type is FailureType.CREDENTIALS


async def test_an_answer_ends_the_pause() -> None:
    bench = Bench()
    await bench.prepare()
    held = await bench.claim()
    bench.work.breaker.trip(bench.work.clock.now())

    await bench.work.perform(held)

    assert bench.work.breaker.allowed(5, bench.work.clock.now()) == 5
