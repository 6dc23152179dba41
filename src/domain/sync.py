"""Sync runs: one fetch from one lead source, and what became of each row."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from domain.summary import MAX_CRASHES, LeaseToken, claim_of

SyncRunId = NewType("SyncRunId", UUID)


class SyncState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DEGRADED = "degraded"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def is_open(self) -> bool:
        return self in {SyncState.PENDING, SyncState.RUNNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncCounts:
    """How many rows met which fate; all but `fetched` add up to `fetched`."""

    fetched: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    invalid: int = 0
    suppressed: int = 0
    ambiguous: int = 0

    def __add__(self, other: "SyncCounts") -> "SyncCounts":
        return SyncCounts(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__slots__}
        )


@dataclass(frozen=True, slots=True)
class SyncError:
    """`type` as in LeadSourceFailed, or `empty` for a source that answered with no one of use."""

    type: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRun:
    """`slot` is the scheduled time this run stands for; None if somebody asked for it."""

    id: SyncRunId
    source: str
    slot: datetime | None = None
    state: SyncState = SyncState.PENDING
    counts: SyncCounts = field(default_factory=SyncCounts)
    error: SyncError | None = None
    crashes: int = 0
    lease_token: LeaseToken | None = None
    lease_until: datetime | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_poisonous(self) -> bool:
        return self.crashes >= MAX_CRASHES

    @property
    def claim(self) -> LeaseToken:
        """The token under which it is held; ValueError if it was never claimed."""
        return claim_of(self.lease_token)

    def claimed(self, token: LeaseToken, until: datetime, now: datetime) -> "SyncRun":
        """Taken by a worker; a run whose worker died starts over."""
        lapsed = self.state is SyncState.RUNNING
        return replace(
            self,
            state=SyncState.RUNNING,
            crashes=self.crashes + lapsed,
            counts=SyncCounts(),
            lease_token=token,
            lease_until=until,
            started_at=now,
        )

    def given_back(self) -> "SyncRun":
        return replace(self, state=SyncState.PENDING, lease_token=None, lease_until=None)

    def ended(self, counts: SyncCounts, error: SyncError | None, now: datetime) -> "SyncRun":
        """Degraded when the source had no one to offer, failed when it could not be read."""
        if error is None:
            state = SyncState.SUCCEEDED
        elif error.type == "empty":
            state = SyncState.DEGRADED
        else:
            state = SyncState.FAILED
        return replace(
            self,
            state=state,
            counts=counts,
            error=error,
            lease_token=None,
            lease_until=None,
            finished_at=now,
        )
