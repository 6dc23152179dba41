"""Tell which run a worker died of, and find what dead workers held before what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLE = "summary_runs"
DUE, HELD = "ix_summary_runs_due", "ix_summary_runs_held"
OPEN = sa.text("state IN ('pending', 'running')")
PENDING = sa.text("state = 'pending'")
RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("blamed", sa.Integer(), nullable=False, server_default="0"))
    alone = sa.Column[bool]("alone", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column(TABLE, alone)
    op.drop_index(DUE, table_name=TABLE)
    op.create_index(DUE, TABLE, ["due_at"], postgresql_where=PENDING, sqlite_where=PENDING)
    op.create_index(HELD, TABLE, ["due_at"], postgresql_where=RUNNING, sqlite_where=RUNNING)


def downgrade() -> None:
    op.drop_index(HELD, table_name=TABLE)
    op.drop_index(DUE, table_name=TABLE)
    op.create_index(DUE, TABLE, ["due_at"], postgresql_where=OPEN, sqlite_where=OPEN)
    op.drop_column(TABLE, "alone")
    op.drop_column(TABLE, "blamed")
