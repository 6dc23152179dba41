"""Taking in one lead: on PostgreSQL one statement, which is a transaction where it is alone."""

from typing import Any

from sqlalchemy import ARRAY, Table, any_, bindparam, exists, literal_column, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.history import SqlTimeline, event_values
from adapters.databases.sql.leads import SqlLeads
from adapters.databases.sql.mapping import lead_values
from adapters.databases.sql.postgres_connection import PostgresConnection
from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import LEADS, SUPPRESSED, TIMELINE
from adapters.databases.sql.suppressions import SqlSuppressions
from application.in_turn import take_in_in_turn
from application.ports import Intake
from domain.lead import Lead
from domain.timeline import Event


class SqlIntake(Intake):
    def __init__(
        self,
        connection: AsyncConnection,
        leads: SqlLeads,
        suppressed: SqlSuppressions,
        timeline: SqlTimeline,
    ) -> None:
        self._connection = connection
        self._leads = leads
        self._suppressed = suppressed
        self._timeline = timeline

    async def take_in(self, lead: Lead, event: Event) -> None:
        async def in_turn() -> None:
            await take_in_in_turn(self._leads, self._suppressed, self._timeline, lead, event)

        if not isinstance(self._connection, PostgresConnection):
            return await in_turn()
        values = {
            **lead_values(lead),
            **{_of_event(name): value for name, value in event_values(event).items()},
            "digests": list(await self._suppressed.digests([lead])),
        }
        # where nothing is added, whoever has a key of it is found in turn, or is gone by then
        await self._connection.postpone(_TAKING_IN, values, otherwise=in_turn)
        return None


def _of_event(column: str) -> str:
    return f"event_{column}"


def _taking_in() -> Prepared:
    added = (
        postgresql.insert(LEADS)
        .values(_named(LEADS))
        .on_conflict_do_nothing()
        .returning(LEADS.c.id)
        .cte("added")
    )
    event = {c.name: bindparam(_of_event(c.name), type_=c.type) for c in TIMELINE.c}
    told = TIMELINE.insert().from_select(list(event), select(*event.values()).select_from(added))
    digests = bindparam("digests", type_=ARRAY(SUPPRESSED.c.digest.type))
    lifted = SUPPRESSED.delete().where(
        SUPPRESSED.c.digest == any_(digests), exists(select(literal_column("1")).select_from(added))
    )
    return Prepared(select(added.c.id).add_cte(told.cte("told"), lifted.cte("lifted")))


def _named(table: Table) -> dict[str, Any]:
    return {column.name: bindparam(column.name, type_=column.type) for column in table.c}


_TAKING_IN = _taking_in()
