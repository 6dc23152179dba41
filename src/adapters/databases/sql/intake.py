"""Taking in leads: on PostgreSQL by one statement, which is a transaction where it is alone."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.history import SqlTimeline, event_values
from adapters.databases.sql.intake_statements import (
    TAKING_IN,
    TAKING_IN_FREE,
    TAKING_IN_ONE_FREE,
    of_event,
)
from adapters.databases.sql.leads import SqlLeads
from adapters.databases.sql.many_rows import in_arrays
from adapters.databases.sql.mapping import lead_values
from adapters.databases.sql.outages import is_lock_timeout
from adapters.databases.sql.postgres_connection import PostgresConnection
from adapters.databases.sql.suppressions import SqlSuppressions
from application.in_turn import take_in_free_in_turn, take_in_in_turn
from application.ports import Intake, Newcomer
from domain.errors import DatabaseUnavailable
from domain.lead import Lead, LeadId
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
        values = await self._values_of(lead, event)
        # where nothing is added, whoever has a key of it is found in turn, or is gone by then
        await self._connection.postpone(TAKING_IN, values, otherwise=in_turn)
        return None

    async def take_in_free(self, newcomers: Sequence[Newcomer]) -> Collection[LeadId]:
        connection = self._connection
        if not isinstance(connection, PostgresConnection):
            return await take_in_free_in_turn(
                self._leads, self._suppressed, self._timeline, newcomers
            )
        if not newcomers:
            return set()
        if len(newcomers) == 1:
            statement, values = TAKING_IN_ONE_FREE, await self._values_of(*newcomers[0])
        else:
            statement, values = TAKING_IN_FREE, await self._values_of_all(newcomers)
        try:
            return {row[0] for row in await connection.fetch_alone(statement, values)}
        except DatabaseUnavailable as error:
            if is_lock_timeout(error):
                return set()
            raise

    async def _values_of(self, lead: Lead, event: Event) -> Mapping[str, Any]:
        digests = [digest for digest, _ in await self._suppressed.digests([lead])]
        return {**_row(lead, event), "digests": digests}

    async def _values_of_all(self, newcomers: Sequence[Newcomer]) -> Mapping[str, Any]:
        # one order for all writers, so that two of them never wait for each other
        ordered = sorted(newcomers, key=lambda newcomer: newcomer[0].email_key)
        digests = await self._suppressed.digests([lead for lead, _ in ordered])
        marks = [{"digest": digest, "digest_of": lead_id} for digest, lead_id in digests]
        return {**in_arrays([_row(*newcomer) for newcomer in ordered]), **in_arrays(marks)}


def _row(lead: Lead, event: Event) -> Mapping[str, Any]:
    told = {of_event(name): value for name, value in event_values(event).items()}
    return {**lead_values(lead), **told}
