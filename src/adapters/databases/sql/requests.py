"""Asking for summaries: on PostgreSQL one statement for all that are asked for at once."""

from collections.abc import Sequence

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.lead_statements import IS_LIVE
from adapters.databases.sql.leads import SqlLeads
from adapters.databases.sql.many_rows import as_table, in_arrays
from adapters.databases.sql.postgres_connection import PostgresConnection
from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import LEADS, SUMMARY_RUNS
from adapters.databases.sql.summary_runs import SqlSummaryRuns
from application.in_turn import ask_in_turn
from application.ports import Asked, SummaryRequests
from domain.lead import LeadId


class SqlSummaryRequests(SummaryRequests):
    def __init__(self, connection: AsyncConnection, leads: SqlLeads, runs: SqlSummaryRuns) -> None:
        self._connection = connection
        self._leads = leads
        self._runs = runs

    async def ask(self, asked: Sequence[Asked]) -> set[LeadId]:
        if not isinstance(self._connection, PostgresConnection):
            return await ask_in_turn(self._leads, self._runs, asked)
        if not asked:
            return set()
        values = in_arrays(
            [
                {
                    "lead_id": lead.id,
                    "version": lead.version,
                    "updated_at": lead.updated_at,
                    "run_id": run.id,
                    "created_at": run.created_at,
                }
                for run, lead in asked
            ]
        )
        written = {LeadId(row[0]) for row in await self._connection.fetch(_ASKING, values)}
        for _, lead in asked:
            if lead.id in written:
                self._leads.is_replaced_by(lead)
        return written


def _asking() -> Prepared:
    lead, run = LEADS.c, SUMMARY_RUNS.c
    asked = as_table(
        {
            "lead_id": lead.id.type,
            "version": lead.version.type,
            "updated_at": lead.updated_at.type,
            "run_id": run.id.type,
            "created_at": run.created_at.type,
        },
        "asked",
    )
    # whoever holds a lead would hold up everybody who asks for another
    held = (
        select(lead.id, *asked.c)
        .select_from(LEADS.join(asked, lead.id == asked.c.lead_id))
        .where(lead.version == asked.c.version - literal_column("1"), IS_LIVE)
        .with_for_update(of=LEADS, skip_locked=True)
        .cte("held")
    )
    new_run = {
        "id": held.c.run_id,
        "lead_id": held.c.id,
        "state": literal_column("'pending'"),
        "attempts": literal_column("0"),
        "crashes": literal_column("0"),
        "due_at": func.clock_timestamp(),
        "created_at": held.c.created_at,
    }
    added = (
        insert(SUMMARY_RUNS)
        .from_select(list(new_run), select(*new_run.values()))
        .on_conflict_do_nothing()
        .returning(run.lead_id)
        .cte("added")
    )
    moved = (
        LEADS.update()
        .where(lead.id == added.c.lead_id, lead.id == held.c.id)
        .values(
            summary_status=literal_column("'processing'"),
            updated_at=held.c.updated_at,
            version=held.c.version,
        )
        .returning(lead.id)
        .cte("moved")
    )
    return Prepared(select(moved.c.id))


_ASKING = _asking()
