"""The rows that sync runs rejected; which run a retry is of; when a source was last read."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

READ = sa.text("state = 'succeeded' AND retried_from IS NULL")
WITH_REJECTS = sa.text("rejects_kept > 0")


def upgrade() -> None:
    op.add_column(
        "sync_runs", sa.Column("rejects_kept", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("sync_runs", sa.Column("retried_from", GUID(length=16)))
    op.create_index(
        "ix_sync_runs_succeeded",
        "sync_runs",
        ["source", "finished_at"],
        postgresql_where=READ,
        sqlite_where=READ,
    )
    op.create_index(
        "ix_sync_runs_with_rejects",
        "sync_runs",
        ["finished_at"],
        postgresql_where=WITH_REJECTS,
        sqlite_where=WITH_REJECTS,
    )
    op.create_table(
        "rejects",
        sa.Column("run_id", GUID(length=16), sa.ForeignKey("sync_runs.id"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("rejects")
    op.drop_index("ix_sync_runs_with_rejects", "sync_runs")
    op.drop_index("ix_sync_runs_succeeded", "sync_runs")
    op.drop_column("sync_runs", "retried_from")
    op.drop_column("sync_runs", "rejects_kept")
