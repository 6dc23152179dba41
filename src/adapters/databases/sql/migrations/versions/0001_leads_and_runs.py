"""Leads, summary runs and sync runs."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID, DateTimeUTC, JsonB
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('pending', 'running')")
LIVE = sa.text("deleted_at IS NULL")
LIVE_WITH_EXTERNAL_ID = sa.text("deleted_at IS NULL AND external_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "leads",
        sa.Column("id", GUID(length=16), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("company", sa.Text()),
        sa.Column("job_title", sa.Text()),
        sa.Column("notes", sa.Text()),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text()),
        sa.Column("summary", sa.Text()),
        sa.Column("next_action", sa.Text()),
        sa.Column("summary_status", sa.String(20), nullable=False),
        sa.Column("summarized_at", DateTimeUTC(timezone=True)),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("updated_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("deleted_at", DateTimeUTC(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _partial("ux_leads_email_key", "leads", ["email_key"], LIVE, unique=True)
    _partial(
        "ux_leads_external_id",
        "leads",
        ["source", "external_id"],
        LIVE_WITH_EXTERNAL_ID,
        unique=True,
    )
    _partial("ix_leads_newest", "leads", ["created_at", "id"], LIVE)

    op.create_table(
        "summary_runs",
        sa.Column("id", GUID(length=16), primary_key=True),
        sa.Column(
            "lead_id",
            GUID(length=16),
            sa.ForeignKey("leads.id", name="fk_summary_runs_lead_id_leads"),
            nullable=False,
        ),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("due_at", DateTimeUTC(timezone=True)),
        sa.Column("lease_token", GUID(length=16)),
        sa.Column("error", JsonB),
        sa.Column("insight", JsonB),
        sa.Column("provider", sa.Text()),
        sa.Column("model", sa.Text()),
        sa.Column("prompt_version", sa.Text()),
        sa.Column("input_tokens", sa.Integer()),
        sa.Column("output_tokens", sa.Integer()),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("finished_at", DateTimeUTC(timezone=True)),
    )
    _partial("ux_summary_runs_open", "summary_runs", ["lead_id"], OPEN, unique=True)
    _partial("ix_summary_runs_due", "summary_runs", ["due_at"], OPEN)
    op.create_index("ix_summary_runs_newest", "summary_runs", ["lead_id", "created_at", "id"])

    op.create_table(
        "sync_runs",
        sa.Column("id", GUID(length=16), primary_key=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("slot", DateTimeUTC(timezone=True)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("counts", JsonB, nullable=False),
        sa.Column("error", JsonB),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("due_at", DateTimeUTC(timezone=True)),
        sa.Column("lease_token", GUID(length=16)),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("started_at", DateTimeUTC(timezone=True)),
        sa.Column("finished_at", DateTimeUTC(timezone=True)),
    )
    _partial("ux_sync_runs_open", "sync_runs", ["source"], OPEN, unique=True)
    op.create_index("ux_sync_runs_slot", "sync_runs", ["source", "slot"], unique=True)
    _partial("ix_sync_runs_due", "sync_runs", ["due_at"], OPEN)
    op.create_index("ix_sync_runs_newest", "sync_runs", ["created_at", "id"])


def downgrade() -> None:
    for table in ("sync_runs", "summary_runs", "leads"):
        op.drop_table(table)


def _partial(
    name: str, table: str, columns: list[str], where: sa.TextClause, *, unique: bool = False
) -> None:
    op.create_index(name, table, columns, unique=unique, postgresql_where=where, sqlite_where=where)
