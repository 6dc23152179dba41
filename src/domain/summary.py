"""Summaries: what the AI said, and the run that got it to say so.

A run goes pending → running → succeeded | failed | blocked, and back to pending while a
retry is due. A claim gives it to one worker under a lease; only the holder may end it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from domain.errors import FailureType, SummarizerFailed

SummaryRunId = NewType("SummaryRunId", UUID)
LeaseToken = NewType("LeaseToken", UUID)

MAX_CRASHES = 3
"""A run that took this many workers down by itself is given up (a poison pill)."""
SUSPICIOUS_CRASHES = 2
"""A run that so many workers died holding, in whatever company, is tried alone from then on."""


def claim_of(token: LeaseToken | None) -> LeaseToken:
    """The token of a run that must be held; ValueError if it is not."""
    if token is None:
        raise ValueError("this run was never claimed")
    return token


@dataclass(frozen=True, slots=True)
class SummaryInput:
    """What a summarizer may know of a lead: its non-empty fields, by name."""

    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Insight:
    """What a salesperson reads: who this is, and the one thing to do next."""

    summary: str
    next_action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarizerAnswer:
    """An insight and where it came from; token counts are None where no tokens were paid."""

    insight: Insight
    provider: str
    model: str
    prompt_version: str
    input_tokens: int | None = None
    output_tokens: int | None = None


class RunState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    BLOCKED = "blocked"

    @property
    def is_open(self) -> bool:
        return self in {RunState.PENDING, RunState.RUNNING}


@dataclass(frozen=True, slots=True)
class RunError:
    """The last failure of a run, kept and shown."""

    type: FailureType
    detail: str


LEAD_DELETED = RunError(FailureType.DELETED, "the lead was deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Exponential back-off with full jitter, never sooner than the provider asked."""

    max_attempts: int = 8
    base: timedelta = timedelta(seconds=5)
    cap: timedelta = timedelta(minutes=5)

    def attempts_for(self, failure: FailureType) -> int:
        """How many attempts a failure of this type is worth.

        A model that answers nonsense may do better once more; a request that the provider
        cannot understand never will.
        """
        match failure:
            case FailureType.BLOCKED | FailureType.INTERNAL:
                return 1
            case FailureType.SCHEMA | FailureType.TRUNCATED | FailureType.UNGROUNDED:
                return min(2, self.max_attempts)
            case _:
                return self.max_attempts

    def delay(self, attempt: int, chance: float, retry_after: timedelta | None) -> timedelta:
        """`attempt` counts from 1, `chance` is in [0, 1)."""
        spread: timedelta = min(self.cap, self.base * 2.0 ** min(attempt - 1, 30)) * chance
        return spread if retry_after is None else retry_after + spread


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRun:
    """One request to summarise a lead, however many attempts it takes.

    `attempts` counts answers and failures of the summarizer, `crashes` workers that died
    holding the run since its last outcome, and `blamed` those of them whose death no other
    run can have caused: the run was held `alone`. `lease_token` names the claim that may end it.
    """

    id: SummaryRunId
    lead_id: UUID
    state: RunState = RunState.PENDING
    attempts: int = 0
    crashes: int = 0
    blamed: int = 0
    alone: bool = False
    next_attempt_at: datetime | None = None
    lease_token: LeaseToken | None = None
    lease_until: datetime | None = None
    error: RunError | None = None
    insight: Insight | None = None
    provider: str | None = None
    model: str | None = None
    prompt_version: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    created_at: datetime
    finished_at: datetime | None = None

    @property
    def is_poisonous(self) -> bool:
        return self.blamed >= MAX_CRASHES

    @property
    def is_suspect(self) -> bool:
        """Whether it may be what its workers died of; a worker holds one such run at a time."""
        return self.crashes >= SUSPICIOUS_CRASHES or self.blamed > 0

    @property
    def progress(self) -> tuple[object, ...]:
        """What those who wait for it are told of; leases and their renewals are no progress."""
        return self.state, self.attempts, self.next_attempt_at, self.error, self.finished_at

    @property
    def claim(self) -> LeaseToken:
        """The token under which it is held; ValueError if it was never claimed."""
        return claim_of(self.lease_token)

    def claimed(self, token: LeaseToken, until: datetime, *, alone: bool = True) -> "SummaryRun":
        """Taken by a worker; taken from a worker whose lease ran out, it counts a crash.

        `alone` is whether that worker holds no other run; a suspect is held alone among many
        that are none.
        """
        lapsed = self.state is RunState.RUNNING
        run = replace(
            self, crashes=self.crashes + lapsed, blamed=self.blamed + (lapsed and self.alone)
        )
        return replace(
            run,
            state=RunState.RUNNING,
            alone=alone or run.is_suspect,
            next_attempt_at=None,
            lease_token=token,
            lease_until=until,
        )

    def given_back(self) -> "SummaryRun":
        """Due at once again, at no cost: the worker is stopping, but alive."""
        return replace(
            self._unsuspected(), state=RunState.PENDING, lease_token=None, lease_until=None
        )

    def answered(self, answer: SummarizerAnswer, now: datetime) -> "SummaryRun":
        return replace(
            self._ended(RunState.SUCCEEDED, now),
            attempts=self.attempts + 1,
            error=None,
            insight=answer.insight,
            provider=answer.provider,
            model=answer.model,
            prompt_version=answer.prompt_version,
            input_tokens=answer.input_tokens,
            output_tokens=answer.output_tokens,
        )

    def after(
        self, failure: SummarizerFailed, now: datetime, policy: RetryPolicy, chance: float
    ) -> tuple["SummaryRun", timedelta | None]:
        """The run after a failed attempt, and when to try again: None if it is at its end.

        Bad credentials are the operator's to mend and burn no attempts.
        """
        burnt = 0 if failure.type is FailureType.CREDENTIALS else 1
        run = replace(
            self,
            attempts=self.attempts + burnt,
            error=RunError(failure.type, failure.detail),
        )
        if failure.type is FailureType.BLOCKED:
            return run._ended(RunState.BLOCKED, now), None
        if run.attempts >= policy.attempts_for(failure.type):
            return run._ended(RunState.FAILED, now), None
        delay = policy.delay(max(run.attempts, 1), chance, failure.retry_after)
        return run.given_back(), delay

    def given_up(self, error: RunError, now: datetime) -> "SummaryRun":
        """At its end without another attempt: poisonous, or its lead was deleted."""
        return replace(self._ended(RunState.FAILED, now), error=error)

    def requeued(self) -> "SummaryRun":
        """A fresh start for a run at its end; the last error stays until the next outcome."""
        return replace(
            self._unsuspected(),
            state=RunState.PENDING,
            attempts=0,
            finished_at=None,
            insight=None,
        )

    def _unsuspected(self) -> "SummaryRun":
        """A worker has outlived it."""
        return replace(self, crashes=0, blamed=0, alone=False)

    def _ended(self, state: RunState, now: datetime) -> "SummaryRun":
        return replace(
            self,
            state=state,
            finished_at=now,
            next_attempt_at=None,
            lease_token=None,
            lease_until=None,
        )
