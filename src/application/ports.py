"""What the use cases need beyond the business: transactions, a cache, a doorbell, time, chance."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeAlias, runtime_checkable
from uuid import UUID

from domain.bulk_summary import BulkSummary, BulkSummaryId
from domain.lead import Lead, LeadId
from domain.ports import (
    ActivityRepository,
    AiBudget,
    LeadRepository,
    RejectRepository,
    StagedRepository,
    SummaryRunRepository,
    SyncRunRepository,
    TimelineRepository,
)
from domain.summary import RunState, SummaryRun, SummaryRunId
from domain.timeline import Event

Newcomer: TypeAlias = tuple[Lead, Event]
"""A new lead, and what its timeline begins with."""


class UnitOfWork(Protocol):
    """One transaction's view of everything that is kept."""

    @property
    def leads(self) -> LeadRepository: ...

    @property
    def intake(self) -> "Intake": ...

    @property
    def requests(self) -> "SummaryRequests": ...

    @property
    def summary_runs(self) -> SummaryRunRepository: ...

    @property
    def sync_runs(self) -> SyncRunRepository: ...

    @property
    def rejects(self) -> RejectRepository: ...

    @property
    def staged(self) -> StagedRepository: ...

    @property
    def timeline(self) -> TimelineRepository: ...

    @property
    def activities(self) -> ActivityRepository: ...

    @property
    def receipts(self) -> "ReceiptRepository": ...

    @property
    def bulk_summaries(self) -> "BulkSummaryRepository": ...

    @property
    def ai_budget(self) -> AiBudget: ...

    @property
    def suppressed(self) -> "SuppressionRepository": ...


class UnitsOfWork(Protocol):
    """Opens transactions.

    A clean exit of the block commits, an exception rolls back and goes on. Nothing but
    repositories may be called inside. DatabaseUnavailable if the store cannot be reached,
    or cannot write, within the adapter's deadline.
    """

    def __call__(self, *, reads_only: bool = False) -> AbstractAsyncContextManager[UnitOfWork]: ...


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that may come again: `key` is its sender's own, and unique within `scope`.

    `fingerprint` tells one request from another that comes with the same key.
    """

    scope: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller was told, as it was sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    fingerprint: str
    answer: Answer


class ReceiptRepository(Protocol):
    """What was answered to requests with a key. Times go by the store's own clock."""

    async def claim(self, request: KeyedRequest, kept: timedelta) -> KeptAnswer | None:
        """Take the key for this transaction; or what was answered to it less than `kept` ago.

        Waits for a transaction that has taken the key and gets what that one has kept, or the
        key if it rolled back; IdempotencyKeyInFlight if it has not ended after a second.
        """
        ...

    async def keep(self, request: KeyedRequest, answer: Answer) -> None:
        """The answer to a request whose key this transaction has taken."""
        ...

    async def purge(self, kept: timedelta, limit: int) -> int:
        """Forget up to `limit` answers that are older than `kept`; how many there were."""
        ...


class BulkSummaryRepository(Protocol):
    """The requests to summarise many leads, each with the runs that it waits for."""

    async def add(self, bulk: BulkSummary, run_ids: Collection[SummaryRunId]) -> None:
        """Keep a new one; the runs are there already."""
        ...

    async def get(self, bulk_id: BulkSummaryId) -> BulkSummary | None: ...

    async def run_states(self, bulk_id: BulkSummaryId) -> Mapping[RunState, int]:
        """How many of its runs are in each state now; what none is in may be left out."""
        ...


class SuppressionRepository(Protocol):
    """The leads that people deleted: no source is to bring them back.

    Each is known by its e-mail key and by its origin, neither of which is kept in clear where it
    outlives the process.
    """

    async def add(self, lead: Lead) -> None: ...

    async def lift(self, leads: Collection[Lead]) -> None:
        """Whatever has an e-mail key or an origin of these may come again; most never went."""
        ...

    async def among(self, leads: Sequence[Lead]) -> set[LeadId]:
        """Which of these have an e-mail key, or an origin, of one that was deleted."""
        ...


class Intake(Protocol):
    """A new lead and all that comes with it, in as few round trips as the store allows."""

    async def take_in(self, lead: Lead, event: Event) -> None:
        """As `leads.add`, `suppressed.lift` and `timeline.add` in turn.

        It may wait for whatever comes next in the transaction, or for its commit: DuplicateLead
        then, with nothing written.
        """
        ...

    async def take_in_free(self, newcomers: Sequence[Newcomer]) -> Collection[LeadId]:
        """Those whose keys nobody has are taken in, each as by `take_in`, and are told.

        Of two that clash with each other one is. None at all, rather than wait for more than a
        moment for who is about to take a key. It is all that its transaction does, and may
        commit it.
        """
        ...


Asked: TypeAlias = tuple[SummaryRun, Lead]
"""A pending run, and its lead as it is `awaiting_summary`."""


class SummaryRequests(Protocol):
    """Summaries asked for, in as few round trips as the store allows."""

    async def ask(self, asked: Sequence[Asked]) -> set[LeadId]:
        """Keep these runs, due at once, and their leads; of different leads.

        Those that were written come back: of the others the version before is not what is
        stored, or is deleted, or has an open run, or somebody holds it at this moment.
        """
        ...


class CommitHook(Protocol):
    """Told about a transaction's leads, right before and after its commit. Never raises.

    Leads that were only added are not reported: nobody can have read them.
    """

    async def before_commit(self, leads: Sequence[Lead]) -> None:
        """Those that it replaces."""
        ...

    async def after_commit(self, leads: Sequence[Lead]) -> None:
        """Those that it replaced, and as they stand those that it read for an update.

        Whoever committed these may not have come to tell of it yet, or never will.
        """
        ...


@dataclass(frozen=True, slots=True)
class Document:
    """A lead as its readers get it: encoded once, kept in the cache, sent as it is."""

    version: int
    body: bytes


class LeadEncoder(Protocol):
    def __call__(self, lead: Lead) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Hit:
    document: Document


@dataclass(frozen=True, slots=True)
class Miss:
    """`token` is the right to fill that stands now, whoever holds it; None if nobody may."""

    token: str | None


class Cache(Protocol):
    """Versioned documents that are never older than what was committed.

    A key holds nothing, a fill token, a fence (a version floor) or a document. No method
    raises: a cache that is away, slow or full of garbage is a miss with no token.
    """

    def at_hand(self, key: str) -> Document | None:  # noqa: ARG002 - who holds nothing knows none
        """What `read` would find without waiting for anything; None where that is not known."""
        return None

    async def read(self, key: str, token: str) -> Hit | Miss:
        """The document; where the key holds nothing, leaves `token` there for a short while."""
        ...

    async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
        """Keep what a reader found in the database, only while its very token still stands."""
        ...

    async def fence(self, key: str, floor: int) -> None:
        """Before version `floor` is committed: drop what stands and refuse fills for a while."""
        ...

    async def put(self, key: str, document: Document, ttl: timedelta) -> bool:
        """After the commit: replace a fence or a document that is not newer than this one.

        A fill token is dropped, as its reader may have seen the old row; where the key
        holds nothing, nothing is kept, as this document may no longer be the newest.
        """
        ...


class Bell(StrEnum):
    """The kinds of work that somebody can be woken for."""

    SUMMARIES = "summaries"
    SYNCS = "syncs"


class JobQueue(Protocol):
    """A doorbell: the work itself stands in the database, and is found there without it too."""

    async def ring(self, bell: Bell) -> bool:
        """Wake a worker, in 200 ms at most; False if nobody could be woken. Never raises.

        Those who ring at one moment may share a ring that begins after all of them came.
        """
        ...


@runtime_checkable
class Probe(Protocol):
    """Something whose presence can be asked for."""

    async def ping(self) -> None:
        """Return in time, or raise whatever is wrong."""
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, in UTC."""
        ...


class Ids(Protocol):
    def new(self) -> UUID:
        """UUIDv7: unique, and sorting by the time of its making."""
        ...


class Jitter(Protocol):
    def chance(self) -> float:
        """Evenly spread in [0, 1)."""
        ...


class RateLimit(Protocol):
    """How many calls all who share the limit may make together in any window.

    A call keeps its place from its beginning until a window after its end, as nobody can tell
    when in between it reached whom it went to. No method raises.
    """

    async def begin(self, call: UUID) -> timedelta | None:
        """None: make the call now, and tell its end. Otherwise when to ask again.

        A limit that cannot be reached in time lets nobody begin.
        """
        ...

    async def end(self, call: UUID) -> None:
        """The call is over, or was not made after all.

        Where this is never told, as its worker died, the place is free again by the longest that
        a call may last.
        """
        ...
