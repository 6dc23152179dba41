"""Asking for a summary: on PostgreSQL one statement, which is a transaction where it is alone."""

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.lead_statements import IS_LIVE
from adapters.databases.sql.leads import SqlLeads
from adapters.databases.sql.postgres_connection import PostgresConnection
from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import LEADS, SUMMARY_RUNS
from adapters.databases.sql.summary_runs import SqlSummaryRuns
from application.in_turn import ask_in_turn
from application.ports import SummaryRequests
from domain.errors import LeadChanged
from domain.lead import Lead
from domain.summary import SummaryRun


class SqlSummaryRequests(SummaryRequests):
    def __init__(self, connection: AsyncConnection, leads: SqlLeads, runs: SqlSummaryRuns) -> None:
        self._connection = connection
        self._leads = leads
        self._runs = runs

    async def ask(self, run: SummaryRun, lead: Lead) -> None:
        if not isinstance(self._connection, PostgresConnection):
            return await ask_in_turn(self._leads, self._runs, run, lead)

        async def refuse() -> None:
            raise LeadChanged(lead.id)

        values = {
            "run_id": run.id,
            "asked_at": run.created_at,
            "lead_id": lead.id,
            "new_version": lead.version,
            "new_status": lead.summary_status,
            "new_updated_at": lead.updated_at,
        }
        self._leads.is_replaced_by(lead)
        await self._connection.postpone(_ASKING, values, otherwise=refuse)
        return None


def _asking() -> Prepared:
    lead, run = LEADS.c, SUMMARY_RUNS.c
    version = bindparam("new_version", type_=lead.version.type)
    held = (
        select(lead.id)
        .where(
            lead.id == bindparam("lead_id"),
            lead.version == version - literal_column("1"),
            IS_LIVE,
        )
        .with_for_update()
        .cte("held")
    )
    new_run = {
        "id": bindparam("run_id", type_=run.id.type),
        "lead_id": held.c.id,
        "state": literal_column("'pending'"),
        "attempts": literal_column("0"),
        "crashes": literal_column("0"),
        "due_at": func.clock_timestamp(),
        "created_at": bindparam("asked_at", type_=run.created_at.type),
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
        .where(lead.id == added.c.lead_id)
        .values(
            summary_status=bindparam("new_status", type_=lead.summary_status.type),
            updated_at=bindparam("new_updated_at", type_=lead.updated_at.type),
            version=version,
        )
        .returning(lead.id)
        .cte("moved")
    )
    return Prepared(select(moved.c.id))


_ASKING = _asking()
