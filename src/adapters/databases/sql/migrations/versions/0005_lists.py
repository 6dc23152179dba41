"""Find and sort leads by more than their age, among a million of them."""

import sqlalchemy as sa
from advanced_alchemy.types import GUID
from alembic import op
from sqlalchemy.exc import DBAPIError

from domain.lead_list import name_key, search_text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = "leads"
BATCH = 2_000
LIVE = sa.text("deleted_at IS NULL")
INDEXES = {
    "ix_leads_updated": ["updated_at", "id"],
    "ix_leads_name": ["name_key", "id"],
    "ix_leads_status": ["status", "created_at", "id"],
    "ix_leads_source": ["source", "created_at", "id"],
    "ix_leads_summary_status": ["summary_status", "created_at", "id"],
}
LEADS = sa.table(
    TABLE,
    sa.column("id", GUID(length=16)),
    sa.column("name", sa.Text),
    sa.column("email", sa.Text),
    sa.column("company", sa.Text),
    sa.column("name_key", sa.Text),
    sa.column("search_text", sa.Text),
)


def upgrade() -> None:
    by_code_point = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    for name, type_ in (("name_key", by_code_point), ("search_text", sa.Text())):
        op.add_column(TABLE, sa.Column(name, type_, nullable=False, server_default=""))
    _fill()
    for name, columns in INDEXES.items():
        op.create_index(name, TABLE, columns, postgresql_where=LIVE, sqlite_where=LIVE)
    if op.get_bind().dialect.name == "postgresql":
        _index_trigrams(op.get_bind())


def downgrade() -> None:
    op.execute("DROP INDEX IF EXISTS ix_leads_search")
    for name in INDEXES:
        op.drop_index(name, table_name=TABLE)
    for name in ("search_text", "name_key"):
        op.drop_column(TABLE, name)


def _fill() -> None:
    """In Python, as no two databases fold alike."""
    connection = op.get_bind()
    read = sa.select(LEADS.c.id, LEADS.c.name, LEADS.c.email, LEADS.c.company)
    batch = read.order_by(LEADS.c.id).limit(BATCH)
    write = (
        LEADS.update()
        .where(LEADS.c.id == sa.bindparam("row_id"))
        .values(name_key=sa.bindparam("key"), search_text=sa.bindparam("text"))
    )
    rows = connection.execute(batch).all()
    while rows:
        filled = [
            {"row_id": row_id, "key": name_key(name), "text": search_text(name, email, company)}
            for row_id, name, email, company in rows
        ]
        connection.execute(write, filled)
        rows = connection.execute(batch.where(LEADS.c.id > rows[-1].id)).all()


def _index_trigrams(connection: sa.Connection) -> None:
    """Only where the extension can be had, and this role may have it: else searches scan."""
    has_it = sa.text("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
    if not connection.execute(has_it).scalar():
        return
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            connection.execute(
                sa.text(
                    "CREATE INDEX ix_leads_search ON leads USING gin (search_text gin_trgm_ops)"
                    " WHERE deleted_at IS NULL"
                )
            )
    except DBAPIError:
        return
