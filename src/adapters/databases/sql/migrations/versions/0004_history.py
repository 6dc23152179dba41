"""Timelines and activities of leads."""

from uuid import UUID

import sqlalchemy as sa
from advanced_alchemy.types import GUID, DateTimeUTC, JsonB
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "timeline",
        sa.Column("id", GUID(length=16), primary_key=True),
        _lead_id("timeline"),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("by_kind", sa.String(20), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=False),
        sa.Column("changes", JsonB, nullable=False),
        sa.Column("subject", GUID(length=16)),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
    )
    op.create_index("ix_timeline_newest", "timeline", ["lead_id", "created_at", "id"])
    op.create_table(
        "activities",
        sa.Column("id", GUID(length=16), primary_key=True),
        _lead_id("activities"),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_kind", sa.String(20), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=False),
        sa.Column("occurred_at", DateTimeUTC(timezone=True), nullable=False),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
    )
    op.create_index("ix_activities_newest", "activities", ["lead_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_table("activities")
    op.drop_table("timeline")


def _lead_id(table: str) -> sa.Column[UUID]:
    return sa.Column(
        "lead_id",
        GUID(length=16),
        sa.ForeignKey("leads.id", name=f"fk_{table}_lead_id_leads"),
        nullable=False,
    )
