"""Deleted leads that no source may bring back, and the key that hides who they are."""

import hmac
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BATCH = 2_000
LEADS = sa.table(
    "leads",
    *(sa.column(name, sa.Text) for name in ("email_key", "source", "external_id")),
    sa.column("deleted_at"),
)


def upgrade() -> None:
    suppressed = op.create_table("suppressed", sa.Column("digest", sa.String(64), primary_key=True))
    keys = op.create_table(
        "suppression_key",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
    )
    key = secrets.token_bytes(32)
    op.get_bind().execute(keys.insert(), {"id": 1, "key": key})
    digests = sorted(_deleted_before(key))
    for start in range(0, len(digests), BATCH):
        rows = [{"digest": digest} for digest in digests[start : start + BATCH]]
        op.get_bind().execute(suppressed.insert(), rows)


def downgrade() -> None:
    op.drop_table("suppression_key")
    op.drop_table("suppressed")


def _deleted_before(key: bytes) -> set[str]:
    """The digests of leads that were deleted, and that nobody has taken in again."""
    live = LEADS.alias("live")
    again = sa.and_(live.c.email_key == LEADS.c.email_key, live.c.deleted_at.is_(None))
    query = sa.select(LEADS.c.email_key, LEADS.c.source, LEADS.c.external_id).where(
        LEADS.c.deleted_at.is_not(None), ~sa.exists().where(again)
    )
    digests = set[str]()
    for email_key, source, external_id in op.get_bind().execute(query):
        marks = [f"email\0{email_key}"]
        if external_id is not None:
            marks.append(f"origin\0{source}\0{external_id}")
        digests.update(hmac.digest(key, mark.encode(), "sha256").hex() for mark in marks)
    return digests
