"""What the business needs from the outside: places to keep things, an AI, lead sources."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import BinaryIO, Protocol, TypeVar, runtime_checkable
from uuid import UUID

from domain.activity import Activity
from domain.budget import DailyCaps, DayUsage, Reservation, Settlement
from domain.incoming import IncomingLead
from domain.insight import SummarizerAnswer, Usage
from domain.lead import Lead, LeadId, LeadValues, Origin
from domain.lead_list import ALL_LEADS, LeadFilter, LeadSort
from domain.quarantine import QuarantinedRow
from domain.summary import LeaseToken, RunError, RunSettlement, SummaryRun, SummaryRunId
from domain.summary_input import StageMove, SummaryInput
from domain.sync import SyncRun, SyncRunId
from domain.timeline import Event
from domain.upload import Upload

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a list: what the last row that was seen is sorted by, and its id."""

    key: datetime | str
    id: UUID


class LeadRepository(Protocol):
    """The leads, seen and changed within one transaction."""

    async def add(self, lead: Lead) -> None:
        """Keep a new lead; DuplicateLead if its e-mail key or (source, external id) is taken."""
        ...

    async def add_new(self, leads: Sequence[Lead]) -> set[LeadId]:
        """Keep those leads that clash with no other, in one statement; their ids come back."""
        ...

    async def get(self, lead_id: LeadId, *, for_update: bool = False) -> Lead | None:
        """None if there is none; `for_update` makes other writers wait for this transaction."""
        ...

    async def among(self, lead_ids: Collection[LeadId]) -> Sequence[Lead]:
        """Those of these leads that are there, in any order."""
        ...

    async def get_even_deleted(self, lead_id: LeadId) -> Lead | None:
        """The lead, deleted or not; other writers wait for this transaction."""
        ...

    async def save(self, lead: Lead) -> None:
        """Replace version `lead.version - 1`, deleted or not, by this one, deleted or not.

        LeadChanged if that version is not what is stored; DuplicateLead, with nothing written,
        if another lead that is not deleted has its e-mail key or (source, external id).
        """
        ...

    async def page(
        self,
        limit: int,
        after: Position | None,
        wanted: LeadFilter = ALL_LEADS,
        sort: LeadSort = LeadSort.NEWEST,
    ) -> Sequence[Lead]:
        """Those of the wanted leads that come strictly after the position, sorted."""
        ...

    async def shaped_page(
        self,
        shape: Callable[[LeadValues], V],
        limit: int,
        after: Position | None,
        wanted: LeadFilter,
        sort: LeadSort,
    ) -> Sequence[V]:
        """As `page`, with what `shape` makes of each lead's values."""
        ...

    async def matching(
        self, origins: Collection[Origin], email_keys: Collection[str]
    ) -> Sequence[Lead]:
        """Every lead with one of these origins, or one of these e-mail keys."""
        ...

    async def sole_holders(self, phone_keys: Collection[str]) -> Mapping[str, LeadId]:
        """The one lead with each of these phone keys; not those that nobody or several have."""
        ...

    async def hold(self, email_keys: Collection[str]) -> Sequence[Lead]:
        """Every lead with one of these e-mail keys; other writers wait for this transaction.

        They are held in the order of their keys: who writes many in this order, and adds after
        that, never waits for somebody who waits for him.
        """
        ...

    async def hold_these(self, lead_ids: Collection[LeadId]) -> Sequence[Lead]:
        """As `hold`, and in the same order, those leads of these that are there."""
        ...

    async def save_all(self, leads: Sequence[Lead]) -> None:
        """As `save`, in one statement; LeadChanged, too, for one that is not held here.

        None of their keys may be another's that is stored, were it one of these leads.
        """
        ...


class SummaryRunRepository(Protocol):
    """The runs: the queue itself. Leases and due times go by the store's own clock."""

    async def add(self, run: SummaryRun) -> SummaryRun:
        """Keep a pending run, due at once; where the lead has an open run, that one comes back."""
        ...

    async def add_new(self, runs: Sequence[SummaryRun]) -> set[SummaryRunId]:
        """Keep those pending runs, due at once, whose leads have no open run; their ids."""
        ...

    async def get(self, lead_id: LeadId, run_id: SummaryRunId) -> SummaryRun | None: ...

    async def open_of(self, lead_ids: Collection[LeadId]) -> Sequence[SummaryRun]:
        """The open runs of these leads, one each at most."""
        ...

    async def among(self, run_ids: Collection[SummaryRunId]) -> Sequence[SummaryRun]:
        """Those of these that there are, of any leads, in any order and in one statement."""
        ...

    async def page(
        self, lead_id: LeadId, limit: int, after: Position | None
    ) -> Sequence[SummaryRun]:
        """The lead's runs, newest first."""
        ...

    async def before(self, run: SummaryRun) -> SummaryRun | None:
        """The lead's run that succeeded last before this one came to its end, if there is one."""
        ...

    async def claim(
        self,
        token: LeaseToken,
        lease: timedelta,
        limit: int,
        beside: Collection[SummaryRun] = (),
    ) -> Sequence[SummaryRun]:
        """Take up to `limit` due runs, as `SummaryRun.claimed` says, to hold `beside` others.

        Due are running ones whose lease ran out, and then pending ones whose time has come,
        the longest due first. None of those beside is taken anew: its lease ran out, but its
        worker lives. Of suspects there is one at most, and none beside another. Two workers
        never get the same run under leases that both stand.
        """
        ...

    async def renew(self, tokens: Collection[LeaseToken], lease: timedelta) -> set[SummaryRunId]:
        """Prolong every lease held under these tokens; the ids of the runs still held."""
        ...

    async def settle(
        self, run: SummaryRun, token: LeaseToken, retry_in: timedelta | None = None
    ) -> bool:
        """Write what became of a claimed run, if `token` still holds it; False if it does not.

        A pending run is due again after `retry_in`, at once if None.
        """
        ...

    async def settle_all(self, settlements: Sequence[RunSettlement]) -> set[SummaryRunId]:
        """As `settle` for each, of runs that differ; the ids of those that were written."""
        ...

    async def reopen(self, run: SummaryRun) -> None:
        """Write a requeued run, due at once.

        SummaryRunOpen if this run is open in the store, or another run of its lead is.
        """
        ...

    async def give_up(self, lead_id: LeadId, error: RunError, now: datetime) -> None:
        """End the lead's open run, if it has one, whoever holds it: their lease is void."""
        ...


class TimelineRepository(Protocol):
    """What happened to each lead; it only grows."""

    async def add(self, events: Sequence[Event]) -> None:
        """Keep these, of any leads."""
        ...

    async def page(self, lead_id: LeadId, limit: int, after: Position | None) -> Sequence[Event]:
        """The lead's events, newest first."""
        ...

    async def stage_moves_of(
        self, lead_ids: Collection[LeadId], limit: int
    ) -> Mapping[LeadId, Sequence[StageMove]]:
        """The changes of status, newest first, of those of these leads that have some."""
        ...

    async def changed_by_keys(
        self, lead_ids: Collection[LeadId]
    ) -> Mapping[LeadId, Collection[str]]:
        """The fields that API keys have ever changed, of those of these leads that have some."""
        ...


class ActivityRepository(Protocol):
    """What people did with each lead."""

    async def add(self, activity: Activity) -> None: ...

    async def page(self, lead_id: LeadId, limit: int, after: Position | None) -> Sequence[Activity]:
        """The lead's activities, newest first by `created_at`."""
        ...

    async def newest_of(
        self, lead_ids: Collection[LeadId], limit: int
    ) -> Mapping[LeadId, Sequence[Activity]]:
        """So many of each lead, newest first, of those of these leads that have some."""
        ...


class SyncRunRepository(Protocol):
    """The sync runs; claim, renew and settle mean what they mean for summary runs."""

    async def add(self, run: SyncRun) -> SyncRun:
        """Keep a new run; the slot's run comes back instead.

        So does the source's open run, where the new one is pending; runs over uploads are each
        on their own.
        """
        ...

    async def get(self, run_id: SyncRunId) -> SyncRun | None: ...

    async def page(self, limit: int, after: Position | None) -> Sequence[SyncRun]:
        """Newest first."""
        ...

    async def claim(self, token: LeaseToken, lease: timedelta, limit: int) -> Sequence[SyncRun]: ...

    async def renew(self, tokens: Collection[LeaseToken], lease: timedelta) -> set[SyncRunId]: ...

    async def settle(self, run: SyncRun, token: LeaseToken) -> bool: ...

    async def advance(self, run: SyncRun, token: LeaseToken) -> bool:
        """Write how far a claimed run is, if `token` still holds it; False if it does not."""
        ...

    async def last_successes(self) -> Mapping[str, datetime]:
        """When each source was last read with success; retries and uploads read none."""
        ...

    async def last_read_began(self, source: str) -> datetime | None:
        """When the run started that read it last with success; None if there is none."""
        ...


class RejectRepository(Protocol):
    """The quarantine: rows that sync runs rejected, by their positions."""

    async def keep(self, run_id: SyncRunId, rows: Sequence[QuarantinedRow]) -> None:
        """Rows that this run keeps, in one statement, at positions that it has not used yet."""
        ...

    async def page(
        self, run_id: SyncRunId, limit: int, after: int = 0, *, whole_only: bool = False
    ) -> Sequence[QuarantinedRow]:
        """The run's rows by position, strictly after this one."""
        ...

    async def purge(self, kept: timedelta, runs: int) -> int:
        """Forget the rows of up to so many runs that ended longer than `kept` ago.

        How many runs they were; none of these has rows in quarantine any more.
        """
        ...


class StagedRepository(Protocol):
    """Uploaded files, in numbered chunks, from their arrival to the end of their runs."""

    async def add(self, run_id: SyncRunId, first: int, chunks: Sequence[bytes]) -> None:
        """Keep these, numbered on from `first`; their run may be added later."""
        ...

    async def chunk(self, run_id: SyncRunId, number: int) -> bytes:
        """Empty where there is none, as behind the last."""
        ...

    async def drop(self, run_id: SyncRunId) -> None:
        """Forget the whole file."""
        ...

    async def purge(self, kept: timedelta, files: int) -> int:
        """Drop up to so many files that came longer than `kept` ago and have no open run."""
        ...


class UploadReader(Protocol):
    """Reads files of leads as people make them."""

    def __call__(self, file: BinaryIO, upload: Upload) -> Iterator[IncomingLead]:
        """Every row, as it is; LeadSourceFailed, `malformed`, if it is no such file.

        The file can be sought in, and is read in bounded memory. It blocks.
        """
        ...


class Summarizer(Protocol):
    """Someone who reads what is known of a lead and says what to do next."""

    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        """Answer within the adapter's own deadline; SummarizerFailed, typed, if it cannot."""
        ...


class LeadSource(Protocol):
    """Somewhere that offers leads."""

    @property
    def name(self) -> str:
        """The configured name; leads from here carry it as their `source`."""
        ...

    def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        """What the source offers now, in batches; LeadSourceFailed, typed, if it cannot be read.

        A row that makes no sense is offered as it is, so that it is counted and not lost.
        """
        ...


@runtime_checkable
class TellsChanges(LeadSource, Protocol):
    """A lead source that may be asked for no more than what has changed."""

    @property
    def tells_changes(self) -> bool:
        """Whether it can, as it is set up."""
        ...

    def fetch_changes(self, since: datetime) -> AsyncIterator[Sequence[IncomingLead]]:
        """As `fetch`, without what has not changed since then; that may leave nobody."""
        ...


@runtime_checkable
class Paid(Protocol):
    """A summarizer whose calls cost money, by tokens of its model."""

    model: str

    def worst_case(self, known: SummaryInput) -> Usage:
        """The tokens that one call about this can cost at most; asks nobody."""
        ...


@runtime_checkable
class WarmsUp(Protocol):
    """A summarizer whose first call takes longer: whoever counts calls lets it get ready before."""

    async def warm_up(self) -> None:
        """Get ready; at once where it is."""
        ...


class AiBudget(Protocol):
    """What each day's paid calls cost, and may cost at most.

    Reserve and settle in short transactions of their own: a day has one row, and who has changed
    it makes all others wait. A reservation that is never settled, as its worker died, stays
    counted at its worst case until the day is over.
    """

    async def reserve_all(
        self, reservations: Sequence[Reservation], caps: DailyCaps
    ) -> Sequence[bool]:
        """Count each call and its worst case, in this order; False, uncounted, if a cap is hit.

        However many reserve at once, what is reserved never exceeds a cap.
        """
        ...

    async def settle_all(self, settled: Sequence[tuple[Reservation, Settlement]]) -> None:
        """Put what each call really cost in its reservation's place."""
        ...

    async def release_all(self, reservations: Sequence[Reservation]) -> None:
        """These calls were never made: count neither them nor their cost."""
        ...

    async def usage(self, day: date) -> DayUsage: ...
