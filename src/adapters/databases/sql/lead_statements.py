"""The statements about single leads, compiled once."""

from sqlalchemy import ARRAY, any_, bindparam, literal_column, select

from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import LEADS
from domain.lead import LEAD_FIELDS

LEAD_COLUMNS = [LEADS.c[name] for name in LEAD_FIELDS]
IS_LIVE = LEADS.c.deleted_at.is_(None)
_THAT_ONE = select(*LEAD_COLUMNS).where(LEADS.c.id == bindparam("id"))
_IDS = bindparam("ids", type_=ARRAY(LEADS.c.id.type))
_NEW = {column.name: bindparam(f"new_{column.name}", type_=column.type) for column in LEADS.c}

FOUND = Prepared(_THAT_ONE.where(IS_LIVE))
_LIVE = select(*LEAD_COLUMNS).where(LEADS.c.id == any_(_IDS), IS_LIVE)
LIVE_LEADS = Prepared(_LIVE)
"""PostgreSQL's; the first column is the id."""
HELD_THESE = Prepared(_LIVE.order_by(LEADS.c.email_key.collate("C")).with_for_update())
"""PostgreSQL's, in the order in which all who write many hold them."""
HELD = Prepared(_THAT_ONE.where(IS_LIVE).with_for_update())
HELD_EVEN_DELETED = Prepared(_THAT_ONE.with_for_update())
REPLACING = Prepared(
    LEADS.update()
    .where(LEADS.c.id == _NEW["id"], LEADS.c.version == _NEW["version"] - literal_column("1"))
    .values(_NEW)
    .returning(LEADS.c.id)
)
