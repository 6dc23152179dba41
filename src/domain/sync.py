"""Sync runs: one fetch from one lead source, and what became of each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from domain.errors import FieldProblem
from domain.summary import MAX_CRASHES, LeaseToken, claim_of
from domain.upload import Upload

SyncRunId = NewType("SyncRunId", UUID)
REASON_LENGTH = 200


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


FATES = tuple(name for name in SyncCounts.__slots__ if name != "fetched")


@dataclass(frozen=True, slots=True)
class Reject:
    """A row as it was offered, and why it was not taken: 200 characters at most for each reason."""

    row: Mapping[str, object]
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, row: Mapping[str, object], problems: Sequence[FieldProblem]) -> "Reject":
        """A row that breaks the rules for the fields of a lead."""
        reasons = (f"{p.field}: {p.detail.removeprefix(f'{p.field} ')}" for p in problems)
        return cls(row, tuple(reason[:REASON_LENGTH] for reason in reasons))


@dataclass(frozen=True, slots=True)
class SyncError:
    """`type` as in LeadSourceFailed, `empty` where nobody of use was offered, or `skipped`."""

    type: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRun:
    """`slot` is the scheduled time this run stands for; None if somebody asked for it.

    `retried_from` is the run whose rejected rows this one offers again, instead of its source;
    `rejects_kept` is how many rows of its own are in quarantine. One with an `upload` reads that
    file, under the name of `source`; a dry run counts what would happen, and writes no lead.
    """

    id: SyncRunId
    source: str
    slot: datetime | None = None
    state: SyncState = SyncState.PENDING
    counts: SyncCounts = field(default_factory=SyncCounts)
    error: SyncError | None = None
    rejects_kept: int = 0
    retried_from: SyncRunId | None = None
    upload: Upload | None = None
    dry_run: bool = False
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
    def goes_on(self) -> bool:
        """Whether it is taken up behind its last batch, rather than from its start."""
        return self.upload is not None and not self.dry_run

    @property
    def claim(self) -> LeaseToken:
        """The token under which it is held; ValueError if it was never claimed."""
        return claim_of(self.lease_token)

    def claimed(self, token: LeaseToken, until: datetime, now: datetime) -> "SyncRun":
        """Taken by a worker; a run whose worker died starts over, unless it goes on."""
        lapsed = self.state is SyncState.RUNNING
        return replace(
            self,
            state=SyncState.RUNNING,
            crashes=self.crashes + lapsed,
            counts=self.counts if self.goes_on else SyncCounts(),
            lease_token=token,
            lease_until=until,
            started_at=now,
        )

    def advanced(self, counts: SyncCounts, rejects_kept: int) -> "SyncRun":
        """Another batch is in; a run that advances kills no worker."""
        kept = self.rejects_kept + rejects_kept
        return replace(self, counts=self.counts + counts, rejects_kept=kept, crashes=0)

    def given_back(self) -> "SyncRun":
        return replace(self, state=SyncState.PENDING, lease_token=None, lease_until=None)

    def skipped(self, beside: "SyncRun", now: datetime) -> "SyncRun":
        """Its slot came while another run of the source was open."""
        error = SyncError("skipped", f"sync run {beside.id} was still open")
        return replace(self, state=SyncState.SKIPPED, error=error, finished_at=now)

    def ended(
        self,
        counts: SyncCounts,
        error: SyncError | None,
        now: datetime,
        *,
        rejects_kept: int = 0,
    ) -> "SyncRun":
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
            rejects_kept=rejects_kept,
            error=error,
            lease_token=None,
            lease_until=None,
            finished_at=now,
        )
