"""The state machine of a summary run."""

from datetime import timedelta
from uuid import uuid4

import pytest

from domain.errors import FailureType, SummarizerFailed
from domain.insight import SummarizerAnswer, Usage
from domain.summary import LeaseToken, RetryPolicy, RunError, RunState, SummaryRun
from tests.builders import NOW, a_basis, a_lead, a_run, an_insight

TOKEN = LeaseToken(uuid4())
LATER = NOW + timedelta(seconds=15)
POLICY = RetryPolicy(max_attempts=3, base=timedelta(seconds=5), cap=timedelta(seconds=60))
ANSWER = SummarizerAnswer(
    insight=an_insight(),
    provider="gemini",
    model="m",
    prompt_version="1",
    usage=Usage(10, 5),
)


def claimed(*, alone: bool = True, **but: object) -> SummaryRun:
    return a_run(a_lead(), **but).claimed(TOKEN, LATER, alone=alone)


def lapsed(run: SummaryRun, times: int, *, alone: bool) -> SummaryRun:
    """After the deaths of so many workers that held it."""
    for _ in range(times):
        run = run.claimed(TOKEN, LATER, alone=alone)
    return run


def failed(run: SummaryRun, type: FailureType, chance: float = 0.5) -> SummaryRun:
    return run.after(SummarizerFailed(type, "no"), NOW, POLICY, chance)[0]


def test_a_claim_takes_a_pending_run_under_a_lease() -> None:
    run = claimed()

    assert (run.state, run.lease_token, run.lease_until) == (RunState.RUNNING, TOKEN, LATER)
    assert run.crashes == 0


def test_a_claim_of_a_lapsed_run_counts_a_crash() -> None:
    assert claimed().claimed(LeaseToken(uuid4()), LATER).crashes == 1


def test_the_third_worker_that_dies_of_a_run_makes_it_poisonous() -> None:
    run = claimed(alone=True)

    assert [lapsed(run, times, alone=True).is_poisonous for times in (2, 3)] == [False, True]


def test_a_worker_that_dies_holding_many_blames_none_of_them() -> None:
    run = lapsed(claimed(alone=False), 1, alone=False)

    assert (run.crashes, run.blamed, run.is_suspect) == (1, 0, False)


def test_a_run_that_two_workers_died_holding_is_held_alone_from_then_on() -> None:
    run = lapsed(claimed(alone=False), 2, alone=False)

    assert (run.is_suspect, run.alone, run.blamed) == (True, True, 0)
    assert [lapsed(run, times, alone=False).is_poisonous for times in (2, 3)] == [False, True]


def test_a_run_that_its_worker_outlives_is_no_suspect_any_more() -> None:
    suspect = lapsed(claimed(alone=True), 2, alone=True)

    for run in (suspect.given_back(), failed(suspect, FailureType.TIMEOUT)):
        assert (run.crashes, run.blamed, run.alone) == (0, 0, False)


def test_an_answer_ends_the_run_with_all_that_is_known_of_it() -> None:
    run = claimed(attempts=1, error=RunError(FailureType.QUOTA, "wait")).answered(
        ANSWER, a_basis(), NOW
    )

    assert (run.state, run.attempts, run.finished_at) == (RunState.SUCCEEDED, 2, NOW)
    assert (run.insight, run.provider, run.model) == (ANSWER.insight, "gemini", "m")
    assert (run.error, run.lease_token, run.lease_until) == (None, None, None)


def test_a_passing_failure_is_tried_again_and_keeps_its_error() -> None:
    run, retry_in = claimed().after(
        SummarizerFailed(FailureType.UNAVAILABLE, "503"), NOW, POLICY, 0.5
    )

    assert (run.state, run.attempts) == (RunState.PENDING, 1)
    assert run.error == RunError(FailureType.UNAVAILABLE, "503")
    assert retry_in == timedelta(seconds=2.5)


def test_the_last_attempt_ends_the_run() -> None:
    run = failed(claimed(attempts=2), FailureType.TIMEOUT)

    assert (run.state, run.attempts, run.finished_at) == (RunState.FAILED, 3, NOW)


def test_a_refusal_blocks_at_once() -> None:
    assert failed(claimed(), FailureType.BLOCKED).state is RunState.BLOCKED


@pytest.mark.parametrize(
    "type", [FailureType.SCHEMA, FailureType.TRUNCATED, FailureType.UNGROUNDED]
)
def test_nonsense_is_worth_one_more_attempt(type: FailureType) -> None:
    once = failed(claimed(), type)
    twice = failed(once.claimed(TOKEN, LATER), type)

    assert (once.state, twice.state) == (RunState.PENDING, RunState.FAILED)


def test_bad_credentials_burn_no_attempts() -> None:
    run = failed(claimed(attempts=2), FailureType.CREDENTIALS)

    assert (run.state, run.attempts) == (RunState.PENDING, 2)


def test_a_requeued_run_starts_afresh() -> None:
    given_up = lapsed(claimed(attempts=2), 3, alone=True).given_up(
        RunError(FailureType.CRASHED, "it killed three"), NOW
    )

    run = given_up.requeued()

    assert (run.state, run.attempts, run.crashes, run.blamed) == (RunState.PENDING, 0, 0, 0)
    assert run.finished_at is None


@pytest.mark.parametrize(("attempt", "most"), [(1, 5), (2, 10), (3, 20), (5, 60), (500, 60)])
def test_the_back_off_doubles_up_to_its_cap(attempt: int, most: float) -> None:
    assert POLICY.delay(attempt, 1.0, None) == timedelta(seconds=most)


def test_the_back_off_is_spread_over_its_whole_width() -> None:
    assert POLICY.delay(4, 0.0, None) == timedelta(0)


def test_a_retry_is_never_sooner_than_the_provider_asked() -> None:
    assert POLICY.delay(1, 0.0, timedelta(seconds=42)) == timedelta(seconds=42)
