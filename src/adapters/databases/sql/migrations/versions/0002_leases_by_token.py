"""Find leases by their token: they are renewed every few seconds, among all runs ever made."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LEASED = sa.text("lease_token IS NOT NULL")


def upgrade() -> None:
    for runs in ("summary_runs", "sync_runs"):
        op.create_index(
            f"ix_{runs}_lease",
            runs,
            ["lease_token"],
            postgresql_where=LEASED,
            sqlite_where=LEASED,
        )


def downgrade() -> None:
    for runs in ("summary_runs", "sync_runs"):
        op.drop_index(f"ix_{runs}_lease", table_name=runs)
