"""Summary runs: one request to summarise a lead, until it is answered or given up.

A run goes pending → running → succeeded | failed | blocked, and back to pending while a
retry is due. A claim gives it to one worker under a lease; only the holder may end it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import NewType
from uuid import UUID

from domain.basis import Basis
from domain.errors import FailureType, SummarizerFailed
from domain.insight import NO_USAGE, Insight, SummarizerAnswer, Usage, added

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


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A provider that could not serve, so that the next one was asked."""

    provider: str
    type: FailureType


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one attempt took; `cost` in micro-dollars, None where no price is known."""

    usage: Usage = NO_USAGE
    cost: int | None = None
    latency: timedelta | None = None
    passed_over: Sequence[PassedOver] = ()

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            usage=self.usage + other.usage,
            cost=added(self.cost, other.cost),
            latency=added(self.latency, other.latency),
            passed_over=(*self.passed_over, *other.passed_over),
        )


NOTHING_SPENT = Spent()


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
    `usage` and `cost` (micro-dollars) add up over all attempts; `latency` is the last one's.
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
    basis: Basis | None = None
    provider: str | None = None
    model: str | None = None
    prompt_version: str | None = None
    usage: Usage = NO_USAGE
    cost: int | None = None
    latency: timedelta | None = None
    passed_over: Sequence[PassedOver] = ()
    created_at: datetime
    finished_at: datetime | None = None

    @classmethod
    def of_values(cls, values: Sequence[object]) -> "SummaryRun":
        """A run as it was kept, its values in the order of its fields: nothing is checked."""
        run = object.__new__(cls)
        for keep, value in zip(_KEEPERS, values, strict=True):
            keep(run, value)
        return run

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
        run = self._but(crashes=self.crashes + lapsed, blamed=self.blamed + (lapsed and self.alone))
        return run._but(
            state=RunState.RUNNING,
            alone=alone or run.is_suspect,
            next_attempt_at=None,
            lease_token=token,
            lease_until=until,
        )

    def given_back(self) -> "SummaryRun":
        """Due at once again, at no cost: the worker is stopping, but alive."""
        return self._unsuspected()._but(state=RunState.PENDING, lease_token=None, lease_until=None)

    def answered(
        self, answer: SummarizerAnswer, basis: Basis, now: datetime, spent: Spent = NOTHING_SPENT
    ) -> "SummaryRun":
        return self._but(
            **self._with(spent),
            **_at_end(RunState.SUCCEEDED, now),
            attempts=self.attempts + 1,
            error=None,
            insight=answer.insight,
            basis=basis,
            provider=answer.provider,
            model=answer.model,
            prompt_version=answer.prompt_version,
        )

    def after(
        self,
        failure: SummarizerFailed,
        now: datetime,
        policy: RetryPolicy,
        chance: float,
        spent: Spent = NOTHING_SPENT,
    ) -> tuple["SummaryRun", timedelta | None]:
        """The run after a failed attempt, and when to try again: None if it is at its end.

        Bad credentials are the operator's to mend and burn no attempts; nor does waiting.
        """
        run = self._but(
            **self._with(spent),
            attempts=self.attempts + failure.burns_attempt,
            error=RunError(failure.type, failure.detail),
        )
        if failure.type is FailureType.BLOCKED:
            return run._ended(RunState.BLOCKED, now), None
        if failure.burns_attempt and run.attempts >= policy.attempts_for(failure.type):
            return run._ended(RunState.FAILED, now), None
        delay = policy.delay(max(run.attempts, 1), chance, failure.retry_after)
        return run.given_back(), delay

    def given_up(self, error: RunError, now: datetime) -> "SummaryRun":
        """At its end without another attempt: poisonous, or its lead was deleted."""
        return self._ended(RunState.FAILED, now)._but(error=error)

    def requeued(self) -> "SummaryRun":
        """A fresh start for a run at its end; the last error stays until the next outcome."""
        return self._unsuspected()._but(
            state=RunState.PENDING,
            attempts=0,
            finished_at=None,
            insight=None,
            basis=None,
        )

    def _with(self, spent: Spent) -> Mapping[str, object]:
        """What an attempt took counts, whether it gave an insight or not."""
        return {
            "usage": self.usage + spent.usage,
            "cost": added(self.cost, spent.cost),
            "latency": spent.latency,
            "passed_over": spent.passed_over,
        }

    def _unsuspected(self) -> "SummaryRun":
        """A worker has outlived it."""
        return self._but(crashes=0, blamed=0, alone=False)

    def _ended(self, state: RunState, now: datetime) -> "SummaryRun":
        return self._but(**_at_end(state, now))

    def _but(self, **different: object) -> "SummaryRun":
        """As `dataclasses.replace`, without its detours: a run changes a few times in its life."""
        run = SummaryRun.of_values(_values_of(self))
        for name, value in different.items():
            _KEEPER_OF[name](run, value)
        return run


_FIELDS = tuple(SummaryRun.__dataclass_fields__)
_values_of = attrgetter(*_FIELDS)
_KEEPERS = [getattr(SummaryRun, name).__set__ for name in _FIELDS]
_KEEPER_OF = dict(zip(_FIELDS, _KEEPERS, strict=True))


def _at_end(state: RunState, now: datetime) -> Mapping[str, object]:
    return {
        "state": state,
        "finished_at": now,
        "next_attempt_at": None,
        "lease_token": None,
        "lease_until": None,
    }


@dataclass(frozen=True, slots=True)
class RunSettlement:
    """What became of a claimed run, to be written if `token` still holds it.

    A pending run is due again after `retry_in`, at once if None.
    """

    run: SummaryRun
    token: LeaseToken
    retry_in: timedelta | None = None
