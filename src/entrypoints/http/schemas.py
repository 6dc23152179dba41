"""The bodies that the API takes and gives, as they stand in the OpenAPI document."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.errors import FailureType
from domain.lead_fields import TEXT_RULES, LeadStatus
from domain.summary import RunState, SummaryRun
from domain.sync import SyncRun, SyncState
from entrypoints.lead_json import LeadView

NextCursor = Annotated[str | None, Meta(description="Where the next page starts; null at the end")]


def _limit(field: str) -> int:
    return TEXT_RULES[field].max_length


class NewLead(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A lead to take in. What the system owns cannot be set; unknown fields are refused."""

    name: Annotated[str, Meta(min_length=1, max_length=_limit("name"), examples=["Ada Lovelace"])]
    email: Annotated[
        str,
        Meta(
            max_length=_limit("email"),
            description="Unique, whatever its case or Unicode form",
            examples=["ada@example.com"],
        ),
    ]
    phone: Annotated[str, Meta(max_length=_limit("phone"))] | None = None
    company: Annotated[str, Meta(max_length=_limit("company"))] | None = None
    job_title: Annotated[str, Meta(max_length=_limit("job_title"))] | None = None
    notes: Annotated[str, Meta(max_length=_limit("notes"))] | None = None
    status: LeadStatus | None = None
    source: (
        Annotated[str, Meta(max_length=_limit("source"), description="`manual` unless told")] | None
    ) = None
    external_id: (
        Annotated[
            str,
            Meta(max_length=_limit("external_id"), description="Unique within its source"),
        ]
        | None
    ) = None


class LeadPage(msgspec.Struct, frozen=True):
    """Leads, newest first."""

    items: list[LeadView]
    next_cursor: NextCursor


class SummaryRequested(msgspec.Struct, frozen=True):
    """The summary is on its way; the run tells how far it is."""

    status: Annotated[str, Meta(description="Always `processing`", examples=["processing"])]
    lead_id: UUID
    run_id: UUID
    message: str


class RunErrorView(msgspec.Struct, frozen=True):
    """The last failure of a run."""

    type: FailureType
    detail: str


class SummaryRunView(msgspec.Struct, frozen=True):
    """One request to summarise a lead, and what became of it."""

    id: UUID
    lead_id: UUID
    state: RunState
    attempts: int
    next_attempt_at: Annotated[datetime | None, Meta(description="When it is tried again")]
    error: RunErrorView | None
    provider: str | None
    model: str | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, run: SummaryRun) -> "SummaryRunView":
        return cls(
            id=run.id,
            lead_id=run.lead_id,
            state=run.state,
            attempts=run.attempts,
            next_attempt_at=run.next_attempt_at,
            error=RunErrorView(run.error.type, run.error.detail) if run.error else None,
            provider=run.provider,
            model=run.model,
            created_at=run.created_at,
            finished_at=run.finished_at,
        )


class SummaryRunPage(msgspec.Struct, frozen=True):
    """A lead's summary runs, newest first."""

    items: list[SummaryRunView]
    next_cursor: NextCursor


class SyncErrorView(msgspec.Struct, frozen=True):
    """Why a sync failed or is degraded."""

    type: str
    detail: str


class SyncRunView(msgspec.Struct, frozen=True):
    """One fetch from a lead source; all counts but `fetched` add up to `fetched`."""

    id: UUID
    source: str
    state: SyncState
    started_at: datetime | None
    finished_at: datetime | None
    fetched: int
    created: int
    updated: int
    unchanged: int
    duplicate: int
    invalid: int
    suppressed: int
    ambiguous: int
    error: SyncErrorView | None

    @classmethod
    def of(cls, run: SyncRun) -> "SyncRunView":
        return cls(
            id=run.id,
            source=run.source,
            state=run.state,
            started_at=run.started_at,
            finished_at=run.finished_at,
            error=SyncErrorView(run.error.type, run.error.detail) if run.error else None,
            **{name: getattr(run.counts, name) for name in run.counts.__slots__},
        )


class SyncRunPage(msgspec.Struct, frozen=True):
    """Sync runs, newest first."""

    items: list[SyncRunView]
    next_cursor: NextCursor


class Live(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str = "ok"


class Readiness(msgspec.Struct, frozen=True):
    """`ok`, `degraded` (a part is away that can be done without), `unavailable` or `draining`."""

    status: str
    parts: Mapping[str, str]
