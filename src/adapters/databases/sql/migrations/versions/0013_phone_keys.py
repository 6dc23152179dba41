"""Find leads by their phone numbers, where these are written in the international form."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op

from domain.phone import phone_key

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BATCH = 2_000
LIVE_WITH_PHONE = sa.text("deleted_at IS NULL AND phone_key IS NOT NULL")
LEADS = sa.table(
    "leads",
    sa.column("id", GUID(length=16)),
    sa.column("phone", sa.Text),
    sa.column("phone_key", sa.Text),
)


def upgrade() -> None:
    by_code_point = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("leads", sa.Column("phone_key", by_code_point))
    _fill()
    op.create_index(
        "ix_leads_phone",
        "leads",
        ["phone_key"],
        postgresql_where=LIVE_WITH_PHONE,
        sqlite_where=LIVE_WITH_PHONE,
    )


def downgrade() -> None:
    op.drop_index("ix_leads_phone", table_name="leads")
    op.drop_column("leads", "phone_key")


def _fill() -> None:
    connection = op.get_bind()
    read = sa.select(LEADS.c.id, LEADS.c.phone).where(LEADS.c.phone.is_not(None))
    batch = read.order_by(LEADS.c.id).limit(BATCH)
    write = (
        LEADS.update()
        .where(LEADS.c.id == sa.bindparam("row_id"))
        .values(phone_key=sa.bindparam("key"))
    )
    rows = connection.execute(batch).all()
    while rows:
        keys = ((row_id, phone_key(phone)) for row_id, phone in rows)
        if filled := [{"row_id": row_id, "key": key} for row_id, key in keys if key]:
            connection.execute(write, filled)
        rows = connection.execute(batch.where(LEADS.c.id > rows[-1].id)).all()
