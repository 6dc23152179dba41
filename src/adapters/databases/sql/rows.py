"""The tables, as they stand after the last migration, on PostgreSQL and SQLite alike."""

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from advanced_alchemy.base import DefaultBase
from advanced_alchemy.types import GUID, DateTimeUTC, JsonB
from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Table, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.databases.sql.json_text import JsonText
from domain.basis import Basis
from domain.insight import Insight
from domain.lead_list import LeadFilter
from domain.summary import SUSPICIOUS_CRASHES
from domain.upload import Upload

# literal, also in queries: a planner that sees a parameter cannot know that the index serves
OPEN = text("state IN ('pending', 'running')")
ENDED = text("state NOT IN ('pending', 'running')")
PENDING = text("state = 'pending'")
RUNNING = text("state = 'running'")
# as SummaryRun.is_suspect has it once the worker's death is counted
LAPSED = text(f"state = 'running' AND NOT alone AND crashes + 1 < {SUSPICIOUS_CRASHES}")
LAPSED_SUSPECTS = text(f"state = 'running' AND (alone OR crashes + 1 >= {SUSPICIOUS_CRASHES})")
LEASED = text("lease_token IS NOT NULL")
READ = text("state = 'succeeded' AND retried_from IS NULL")
OF_SOURCE = text("upload IS NULL")
OPEN_OF_SOURCE = text("state IN ('pending', 'running') AND upload IS NULL")
WITH_REJECTS = text("rejects_kept > 0")
LIVE = text("deleted_at IS NULL")
LIVE_WITH_EXTERNAL_ID = text("deleted_at IS NULL AND external_id IS NOT NULL")
LIVE_WITH_PHONE = text("deleted_at IS NULL AND phone_key IS NOT NULL")
# as SQLite sorts, whatever language the database was made for
BY_CODE_POINT = Text().with_variant(Text(collation="C"), "postgresql")


class LeadRow(DefaultBase):
    """A lead; rows with `deleted_at` are kept but no longer seen.

    Where PostgreSQL has pg_trgm, there is also a trigram index on `search_text`.
    """

    __tablename__ = "leads"
    __table_args__ = (
        Index(
            "ux_leads_email_key", "email_key", unique=True,
            postgresql_where=LIVE, sqlite_where=LIVE,
        ),
        Index(
            "ux_leads_external_id", "source", "external_id", unique=True,
            postgresql_where=LIVE_WITH_EXTERNAL_ID, sqlite_where=LIVE_WITH_EXTERNAL_ID,
        ),
        Index(
            "ix_leads_phone", "phone_key",
            postgresql_where=LIVE_WITH_PHONE, sqlite_where=LIVE_WITH_PHONE,
        ),
        *(
            Index(f"ix_leads_{name}", *columns, "id", postgresql_where=LIVE, sqlite_where=LIVE)
            for name, columns in {
                "newest": ("created_at",),
                "updated": ("updated_at",),
                "name": ("name_key",),
                "status": ("status", "created_at"),
                "source": ("source", "created_at"),
                "summary_status": ("summary_status", "created_at"),
            }.items()
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(GUID(length=16), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    company: Mapped[str | None] = mapped_column(Text)
    job_title: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str | None] = mapped_column(Text)
    next_action: Mapped[str | None] = mapped_column(Text)
    summary_status: Mapped[str] = mapped_column(String(20))
    summarized_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True))
    insight: Mapped[Insight | None] = mapped_column(JsonText(Insight))
    basis: Mapped[Basis | None] = mapped_column(JsonText(Basis))
    activities: Mapped[int] = mapped_column(server_default=text("0"))
    stage_moves: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    deleted_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True))
    version: Mapped[int]
    name_key: Mapped[str] = mapped_column(BY_CODE_POINT, server_default=text("''"))
    search_text: Mapped[str] = mapped_column(Text, server_default=text("''"))
    phone_key: Mapped[str | None] = mapped_column(BY_CODE_POINT)


class SummaryRunRow(DefaultBase):
    """A summary run; `due_at` is when it may be claimed: its next attempt, or its lease's end."""

    __tablename__ = "summary_runs"
    __table_args__ = (
        Index(
            "ux_summary_runs_open", "lead_id", unique=True, postgresql_where=OPEN, sqlite_where=OPEN
        ),
        Index("ix_summary_runs_due", "due_at", postgresql_where=PENDING, sqlite_where=PENDING),
        Index("ix_summary_runs_held", "due_at", postgresql_where=RUNNING, sqlite_where=RUNNING),
        Index("ix_summary_runs_lease", "lease_token", postgresql_where=LEASED, sqlite_where=LEASED),
        Index("ix_summary_runs_newest", "lead_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(GUID(length=16), primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(GUID(length=16), ForeignKey("leads.id"))
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int]
    crashes: Mapped[int]
    blamed: Mapped[int] = mapped_column(server_default=text("0"))
    alone: Mapped[bool] = mapped_column(server_default=false())
    due_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True))
    lease_token: Mapped[UUID | None] = mapped_column(GUID(length=16))
    error: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    insight: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    basis: Mapped[Basis | None] = mapped_column(JsonText(Basis))
    provider: Mapped[str | None] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(Text)
    prompt_version: Mapped[str | None] = mapped_column(Text)
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    cost: Mapped[int | None] = mapped_column(BigInteger)
    latency_ms: Mapped[int | None]
    passed_over: Mapped[list[dict[str, str]] | None] = mapped_column(JsonB)
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True))


class BulkSummaryRow(DefaultBase):
    """A request to summarise many leads; the `rest_…` are where their list goes on."""

    __tablename__ = "bulk_summaries"

    id: Mapped[UUID] = mapped_column(GUID(length=16), primary_key=True)
    wanted: Mapped[LeadFilter] = mapped_column(JsonText(LeadFilter))
    queued: Mapped[int]
    joined: Mapped[int]
    unchanged: Mapped[int]
    rest_created_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True))
    rest_id: Mapped[UUID | None] = mapped_column(GUID(length=16))
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))


class BulkSummaryRunRow(DefaultBase):
    """A run that a bulk summary waits for."""

    __tablename__ = "bulk_summary_runs"

    bulk_id: Mapped[UUID] = mapped_column(
        GUID(length=16), ForeignKey("bulk_summaries.id"), primary_key=True
    )
    run_id: Mapped[UUID] = mapped_column(
        GUID(length=16), ForeignKey("summary_runs.id"), primary_key=True
    )


class SyncRunRow(DefaultBase):
    """A sync run; `due_at` as in summary runs."""

    __tablename__ = "sync_runs"
    __table_args__ = (
        Index(
            "ux_sync_runs_open", "source", unique=True,
            postgresql_where=OPEN_OF_SOURCE, sqlite_where=OPEN_OF_SOURCE,
        ),
        Index("ux_sync_runs_slot", "source", "slot", unique=True),
        Index("ix_sync_runs_due", "due_at", postgresql_where=OPEN, sqlite_where=OPEN),
        Index("ix_sync_runs_lease", "lease_token", postgresql_where=LEASED, sqlite_where=LEASED),
        Index("ix_sync_runs_newest", "created_at", "id"),
        Index(
            "ix_sync_runs_succeeded", "source", "finished_at",
            postgresql_where=READ, sqlite_where=READ,
        ),
        Index(
            "ix_sync_runs_with_rejects", "finished_at",
            postgresql_where=WITH_REJECTS, sqlite_where=WITH_REJECTS,
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(GUID(length=16), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    slot: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True))
    state: Mapped[str] = mapped_column(String(20))
    counts: Mapped[dict[str, Any]] = mapped_column(JsonB)
    rejects_kept: Mapped[int] = mapped_column(server_default=text("0"))
    retried_from: Mapped[UUID | None] = mapped_column(GUID(length=16))
    upload: Mapped[Upload | None] = mapped_column(JsonText(Upload))
    dry_run: Mapped[bool] = mapped_column(server_default=false())
    error: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    crashes: Mapped[int]
    due_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True))
    lease_token: Mapped[UUID | None] = mapped_column(GUID(length=16))
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True))


class EventRow(DefaultBase):
    """Something that happened to a lead."""

    __tablename__ = "timeline"
    __table_args__ = (Index("ix_timeline_newest", "lead_id", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(GUID(length=16), primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(GUID(length=16), ForeignKey("leads.id"))
    type: Mapped[str] = mapped_column(String(20))
    by_kind: Mapped[str] = mapped_column(String(20))
    by_id: Mapped[str] = mapped_column(Text)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JsonB)
    subject: Mapped[UUID | None] = mapped_column(GUID(length=16))
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))


class ActivityRow(DefaultBase):
    """Something that somebody did with a lead."""

    __tablename__ = "activities"
    __table_args__ = (Index("ix_activities_newest", "lead_id", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(GUID(length=16), primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(GUID(length=16), ForeignKey("leads.id"))
    type: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    by_kind: Mapped[str] = mapped_column(String(20))
    by_id: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))


class ReceiptRow(DefaultBase):
    """What was answered to a request with a key; no `status` until its transaction keeps it."""

    __tablename__ = "receipts"
    __table_args__ = (Index("ix_receipts_oldest", "created_at"),)

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None]
    headers: Mapped[dict[str, str] | None] = mapped_column(JsonB)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))


class AiDayRow(DefaultBase):
    """A day's calls and money, those that are only reserved as well: what its caps go by."""

    __tablename__ = "ai_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int]
    micros: Mapped[int] = mapped_column(BigInteger)
    reserved_micros: Mapped[int] = mapped_column(BigInteger)


class AiUsageRow(DefaultBase):
    """What one model did on one day, and what it cost."""

    __tablename__ = "ai_usage"

    day: Mapped[date] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    calls: Mapped[int]
    failed: Mapped[int]
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    micros: Mapped[int] = mapped_column(BigInteger)


class RejectRow(DefaultBase):
    """A row that a sync run rejected, and why."""

    __tablename__ = "rejects"

    run_id: Mapped[UUID] = mapped_column(
        GUID(length=16), ForeignKey("sync_runs.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fields: Mapped[dict[str, Any]] = mapped_column(JsonText(dict))
    reasons: Mapped[list[str]] = mapped_column(JsonText(list))
    is_whole: Mapped[bool]


class SuppressedRow(DefaultBase):
    """What a source may not bring back, as a digest under the database's own key."""

    __tablename__ = "suppressed"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)


class SuppressionKeyRow(DefaultBase):
    """The one row with that key, made with its table."""

    __tablename__ = "suppression_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[bytes] = mapped_column(LargeBinary)


class StagedChunkRow(DefaultBase):
    """A piece of an uploaded file; its run comes with the last one."""

    __tablename__ = "staged_chunks"

    run_id: Mapped[UUID] = mapped_column(GUID(length=16), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bytes: Mapped[bytes] = mapped_column(LargeBinary)
    came_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))


LEADS = cast("Table", LeadRow.__table__)
TIMELINE = cast("Table", EventRow.__table__)
ACTIVITIES = cast("Table", ActivityRow.__table__)
RECEIPTS = cast("Table", ReceiptRow.__table__)
SUMMARY_RUNS = cast("Table", SummaryRunRow.__table__)
SYNC_RUNS = cast("Table", SyncRunRow.__table__)
REJECTS = cast("Table", RejectRow.__table__)
STAGED_CHUNKS = cast("Table", StagedChunkRow.__table__)
BULK_SUMMARIES = cast("Table", BulkSummaryRow.__table__)
BULK_SUMMARY_RUNS = cast("Table", BulkSummaryRunRow.__table__)
AI_DAYS = cast("Table", AiDayRow.__table__)
AI_USAGE = cast("Table", AiUsageRow.__table__)
SUPPRESSED = cast("Table", SuppressedRow.__table__)
SUPPRESSION_KEY = cast("Table", SuppressionKeyRow.__table__)
