"""Uploaded files, in chunks; sync runs over them, of which any number may be open."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID, DateTimeUTC
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('pending', 'running')")
OPEN_OF_SOURCE = sa.text("state IN ('pending', 'running') AND upload IS NULL")


def upgrade() -> None:
    op.add_column("sync_runs", sa.Column("upload", sa.Text()))
    op.add_column(
        "sync_runs", sa.Column("dry_run", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _index_open(OPEN_OF_SOURCE)
    op.create_table(
        "staged_chunks",
        sa.Column("run_id", GUID(length=16), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("came_at", DateTimeUTC(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("staged_chunks")
    # without their files they have nothing to read
    op.execute("DELETE FROM rejects WHERE run_id IN (SELECT id FROM sync_runs WHERE upload <> '')")
    op.execute("DELETE FROM sync_runs WHERE upload <> ''")
    _index_open(OPEN)
    op.drop_column("sync_runs", "dry_run")
    op.drop_column("sync_runs", "upload")


def _index_open(where: sa.TextClause) -> None:
    op.drop_index("ux_sync_runs_open", "sync_runs")
    op.create_index(
        "ux_sync_runs_open",
        "sync_runs",
        ["source"],
        unique=True,
        postgresql_where=where,
        sqlite_where=where,
    )
