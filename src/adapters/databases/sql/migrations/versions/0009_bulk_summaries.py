"""Requests to summarise many leads, and the runs that each waits for."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID, DateTimeUTC
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_summaries",
        sa.Column("id", GUID(length=16), primary_key=True),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rest_created_at", DateTimeUTC(timezone=True)),
        sa.Column("rest_id", GUID(length=16)),
        sa.Column("created_at", DateTimeUTC(timezone=True), nullable=False),
    )
    op.create_table(
        "bulk_summary_runs",
        sa.Column("bulk_id", GUID(length=16), sa.ForeignKey("bulk_summaries.id"), primary_key=True),
        sa.Column("run_id", GUID(length=16), sa.ForeignKey("summary_runs.id"), primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("bulk_summary_runs")
    op.drop_table("bulk_summaries")
