"""The statements that take in a new lead, or many, and all that comes with each."""

from sqlalchemy import (
    ARRAY,
    TableValuedAlias,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql

from adapters.databases.sql.many_rows import as_table, kinds_of
from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import LEADS, SUPPRESSED, TIMELINE

MOMENT = "'50ms'"
"""How long many wait for who is about to take a key of one of them."""


def of_event(column: str) -> str:
    return f"event_{column}"


def _taking_in(*, waits: bool) -> Prepared:
    """`waits` is for who is about to take a key of it, for as long as a statement may run."""
    lead = {c.name: bindparam(c.name, type_=c.type) for c in LEADS.c}
    offered = select(*lead.values())
    added = (
        postgresql.insert(LEADS)
        .from_select(list(lead), offered if waits else offered.select_from(_impatience()))
        .on_conflict_do_nothing()
        .returning(LEADS.c.id)
        .cte("added")
    )
    event = {c.name: bindparam(of_event(c.name), type_=c.type) for c in TIMELINE.c}
    told = TIMELINE.insert().from_select(list(event), select(*event.values()).select_from(added))
    digests = bindparam("digests", type_=ARRAY(SUPPRESSED.c.digest.type))
    lifted = SUPPRESSED.delete().where(
        SUPPRESSED.c.digest == any_(digests), exists(select(literal_column("1")).select_from(added))
    )
    return Prepared(select(added.c.id).add_cte(told.cte("told"), lifted.cte("lifted")))


def _taking_in_free() -> Prepared:
    """Each column of all rows is one array: the text is the same however many they are."""
    leads = as_table(kinds_of(LEADS, LEADS.c.keys()), "new")
    events = as_table({of_event(c.name): c.type for c in TIMELINE.c}, "event")
    marks = as_table({"digest": SUPPRESSED.c.digest.type, "digest_of": LEADS.c.id.type}, "mark")
    added = (
        postgresql.insert(LEADS)
        .from_select(
            [c.name for c in LEADS.c],
            select(*leads.c).select_from(_impatience().join(leads, literal_column("true"))),
        )
        .on_conflict_do_nothing()
        .returning(LEADS.c.id)
        .cte("added")
    )
    told = TIMELINE.insert().from_select(
        [c.name for c in TIMELINE.c],
        select(*events.c).join(added, events.c.event_lead_id == added.c.id),
    )
    lifted = SUPPRESSED.delete().where(
        SUPPRESSED.c.digest == marks.c.digest, marks.c.digest_of == added.c.id
    )
    return Prepared(select(added.c.id).add_cte(told.cte("told"), lifted.cte("lifted")))


def _impatience() -> TableValuedAlias:
    """For the rest of the transaction, and set before the first row is offered."""
    return func.set_config(
        literal_column("'lock_timeout'"), literal_column(MOMENT), literal_column("true")
    ).table_valued("value")


TAKING_IN = _taking_in(waits=True)
TAKING_IN_ONE_FREE = _taking_in(waits=False)
TAKING_IN_FREE = _taking_in_free()
"""Many cost a third of what they cost one by one, and one by itself half as much again."""
