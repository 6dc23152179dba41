"""What a summary says beside its text, what it was made of, and what it cost."""

import sqlalchemy as sa
from advanced_alchemy.types import JsonB
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LEADS, RUNS = "leads", "summary_runs"


def upgrade() -> None:
    for name in ("insight", "basis"):
        op.add_column(LEADS, sa.Column(name, sa.Text()))
    for name in ("activities", "stage_moves"):
        # only how much they grow is looked at: they may start from anywhere
        op.add_column(LEADS, sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column(RUNS, sa.Column("basis", sa.Text()))
    op.add_column(RUNS, sa.Column("cost", sa.BigInteger()))
    op.add_column(RUNS, sa.Column("latency_ms", sa.Integer()))
    op.add_column(RUNS, sa.Column("passed_over", JsonB))


def downgrade() -> None:
    for name in ("passed_over", "latency_ms", "cost", "basis"):
        op.drop_column(RUNS, name)
    for name in ("stage_moves", "activities", "basis", "insight"):
        op.drop_column(LEADS, name)
