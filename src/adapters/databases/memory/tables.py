"""What is kept: dictionaries by id, copied for each writer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from itertools import islice
from typing import Protocol, TypeVar
from uuid import UUID

from application.ports import Answer
from domain.activity import Activity
from domain.budget import DayUsage
from domain.bulk_summary import BulkSummary
from domain.lead import Lead
from domain.ports import Position
from domain.quarantine import QuarantinedRow
from domain.summary import SummaryRun
from domain.sync import SyncRun
from domain.timeline import Event


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """`answer` is None until the transaction that took the key has kept it."""

    fingerprint: str
    created_at: datetime
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class StagedFile:
    came_at: datetime
    chunks: tuple[bytes, ...]


@dataclass(slots=True)
class Tables:
    leads: dict[UUID, Lead] = field(default_factory=dict)
    summary_runs: dict[UUID, SummaryRun] = field(default_factory=dict)
    sync_runs: dict[UUID, SyncRun] = field(default_factory=dict)
    rejects: dict[UUID, tuple[QuarantinedRow, ...]] = field(default_factory=dict)
    """By sync run, in the order of their positions."""
    staged: dict[UUID, StagedFile] = field(default_factory=dict)
    """By sync run, which may be missing."""
    due: dict[UUID, datetime] = field(default_factory=dict)
    """When each open run may be claimed: its next attempt, or its lease's end."""
    timeline: dict[UUID, Event] = field(default_factory=dict)
    activities: dict[UUID, Activity] = field(default_factory=dict)
    receipts: dict[tuple[str, str], ReceiptRow] = field(default_factory=dict)
    """By scope and key."""
    ai_days: dict[date, DayUsage] = field(default_factory=dict)

    bulk_summaries: dict[UUID, BulkSummary] = field(default_factory=dict)
    bulk_summary_runs: dict[UUID, frozenset[UUID]] = field(default_factory=dict)
    """The runs of each bulk summary."""
    suppressed: dict[str, None] = field(default_factory=dict)

    def copy(self) -> "Tables":
        return Tables(**{table.name: dict(getattr(self, table.name)) for table in fields(self)})


class Dated(Protocol):
    @property
    def id(self) -> UUID: ...

    @property
    def created_at(self) -> datetime: ...


D = TypeVar("D", bound=Dated)


def page(rows: Iterable[D], limit: int, after: Position | None) -> list[D]:
    """Newest first."""
    return sorted_page(rows, lambda row: row.created_at, True, limit, after)


def sorted_page(
    rows: Iterable[D],
    key: Callable[[D], datetime | str],
    downwards: bool,
    limit: int,
    after: Position | None,
) -> list[D]:
    def place(row: D) -> tuple[datetime | str, UUID]:
        return key(row), row.id

    ordered = sorted(rows, key=place, reverse=downwards)
    if after is None:
        return ordered[:limit]
    seen = after.key, after.id
    rest = (row for row in ordered if (place(row) < seen if downwards else place(row) > seen))
    return list(islice(rest, limit))
