"""The bodies that the API takes and gives, as they stand in the OpenAPI document."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from domain.activity import TEXT, Activity, ActivityType
from domain.errors import FailureType
from domain.insight import Insight
from domain.lead_fields import TEXT_RULES, LeadStatus
from domain.summary import RunState, SummaryRun
from domain.sync import SyncRun, SyncState
from domain.timeline import Actor, ActorKind, Event, EventType
from domain.upload import FileFormat
from entrypoints.lead_json import InsightView, LeadView

MILLISECOND = timedelta(milliseconds=1)
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


class LeadChanges(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; null clears, and what is not named stays as it is."""

    name: Annotated[str, Meta(min_length=1, max_length=_limit("name"))] | UnsetType = UNSET
    email: Annotated[str, Meta(max_length=_limit("email"))] | UnsetType = UNSET
    phone: Annotated[str, Meta(max_length=_limit("phone"))] | UnsetType | None = UNSET
    company: Annotated[str, Meta(max_length=_limit("company"))] | UnsetType | None = UNSET
    job_title: Annotated[str, Meta(max_length=_limit("job_title"))] | UnsetType | None = UNSET
    notes: Annotated[str, Meta(max_length=_limit("notes"))] | UnsetType | None = UNSET
    status: LeadStatus | UnsetType = UNSET
    source: Annotated[str, Meta(max_length=_limit("source"))] | UnsetType = UNSET
    external_id: Annotated[str, Meta(max_length=_limit("external_id"))] | UnsetType | None = UNSET


class NewActivity(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What somebody did with a lead, in their own words."""

    type: ActivityType
    text: Annotated[str, Meta(min_length=1, max_length=TEXT.max_length)]
    occurred_at: Annotated[datetime, Meta(tz=True, description="Now unless told")] | None = None


class ActorView(msgspec.Struct, frozen=True):
    """An API key by its id, a lead source by its name, or an AI by its provider."""

    kind: ActorKind
    id: str

    @classmethod
    def of(cls, actor: Actor) -> "ActorView":
        return cls(actor.kind, actor.id)


class ActivityView(msgspec.Struct, frozen=True):
    """Something that somebody did with a lead."""

    id: UUID
    lead_id: UUID
    type: ActivityType
    text: str
    by: ActorView
    occurred_at: datetime
    created_at: datetime

    @classmethod
    def of(cls, activity: Activity) -> "ActivityView":
        return cls(
            id=activity.id,
            lead_id=activity.lead_id,
            type=activity.type,
            text=activity.text,
            by=ActorView.of(activity.by),
            occurred_at=activity.occurred_at,
            created_at=activity.created_at,
        )


class ActivityPage(msgspec.Struct, frozen=True):
    """A lead's activities, newest first."""

    items: list[ActivityView]
    next_cursor: NextCursor


class FieldChangeView(msgspec.Struct, frozen=True, rename={"before": "from", "after": "to"}):
    """One field before and after; null where it was, or is, blank."""

    field: str
    before: str | None
    after: str | None


class EventView(msgspec.Struct, frozen=True):
    """Something that happened to a lead."""

    id: UUID
    type: EventType
    by: ActorView
    created_at: datetime
    changes: list[FieldChangeView]
    subject: Annotated[UUID | None, Meta(description="The summary run or activity it is about")]

    @classmethod
    def of(cls, event: Event) -> "EventView":
        return cls(
            id=event.id,
            type=event.type,
            by=ActorView.of(event.by),
            created_at=event.created_at,
            changes=[FieldChangeView(c.field, c.before, c.after) for c in event.changes],
            subject=event.subject,
        )


class Timeline(msgspec.Struct, frozen=True):
    """What happened to a lead, newest first."""

    items: list[EventView]
    next_cursor: NextCursor


class LeadPage(msgspec.Struct, frozen=True):
    """Leads, newest first unless told."""

    items: list[LeadView]
    next_cursor: NextCursor


class SummaryRequested(msgspec.Struct, frozen=True):
    """The summary is on its way; the run tells how far it is."""

    status: Annotated[
        str,
        Meta(description="`processing`, or `ready` if nothing moved", examples=["processing"]),
    ]
    lead_id: UUID
    run_id: UUID
    message: str


class RunErrorView(msgspec.Struct, frozen=True):
    """The last failure of a run."""

    type: FailureType
    detail: str


class PassedOverView(msgspec.Struct, frozen=True):
    """A provider that could not serve, so that the next one was asked."""

    provider: str
    type: FailureType


class RunInsightView(InsightView, frozen=True, kw_only=True):
    """What this run got the AI to say."""

    summary: str
    next_action: str

    @classmethod
    def of(cls, insight: Insight) -> "RunInsightView":
        return cls(
            **cls.parts_of(insight), summary=insight.summary, next_action=insight.next_action
        )


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
    prompt_version: str | None
    passed_over: Annotated[
        list[PassedOverView], Meta(description="Providers that could not serve the last attempt")
    ]
    input_hash: Annotated[str | None, Meta(description="SHA-256 of what the AI was shown")]
    input_tokens: Annotated[int | None, Meta(description="Over all attempts")]
    output_tokens: Annotated[int | None, Meta(description="Over all attempts")]
    cost_usd: Annotated[
        float | None, Meta(description="Over all attempts; null where no price is set")
    ]
    latency_ms: Annotated[int | None, Meta(description="Of the last attempt")]
    insight: RunInsightView | None
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
            prompt_version=run.prompt_version,
            passed_over=[PassedOverView(p.provider, p.type) for p in run.passed_over],
            input_hash=run.basis.input_hash if run.basis else None,
            input_tokens=run.usage.input_tokens,
            output_tokens=run.usage.output_tokens,
            cost_usd=None if run.cost is None else run.cost / 1_000_000,
            latency_ms=None if run.latency is None else round(run.latency / MILLISECOND),
            insight=RunInsightView.of(run.insight) if run.insight else None,
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
    rejects_kept: Annotated[int, Meta(description="Rejected rows that are in quarantine")]
    retried_from: Annotated[
        UUID | None, Meta(description="The run whose rejected rows this one offers again")
    ]
    upload: Annotated[FileFormat | None, Meta(description="The format of the file that it imports")]
    dry_run: Annotated[bool, Meta(description="Whether it only counts, and writes no lead")]
    error: SyncErrorView | None

    @classmethod
    def of(cls, run: SyncRun) -> "SyncRunView":
        return cls(
            id=run.id,
            source=run.source,
            state=run.state,
            started_at=run.started_at,
            finished_at=run.finished_at,
            rejects_kept=run.rejects_kept,
            retried_from=run.retried_from,
            upload=run.upload.format if run.upload else None,
            dry_run=run.dry_run,
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
    syncs: Annotated[
        Mapping[str, datetime | None] | UnsetType,
        Meta(
            description="When each lead source was last read with success, null for never; "
            "left out while that cannot be said"
        ),
    ] = UNSET
