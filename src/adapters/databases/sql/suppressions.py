"""The leads that no source may bring back, in SQL: by digests under the database's own key."""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import among
from adapters.databases.sql.inserts import insert_if_free
from adapters.databases.sql.rows import SUPPRESSED, SUPPRESSION_KEY
from application.pauses import unhurried
from application.ports import SuppressionRepository
from domain.lead import Lead, LeadId
from domain.suppression import marks_of


@dataclass(slots=True)
class SuppressionKey:
    """The key of one database once somebody has read it: it never changes."""

    value: bytes | None = None

    async def read(self, connection: AsyncConnection) -> bytes:
        if self.value is None:
            self.value = (await connection.execute(select(SUPPRESSION_KEY.c.key))).scalar_one()
        return self.value


class SqlSuppressions(SuppressionRepository):
    def __init__(self, connection: AsyncConnection, key: SuppressionKey) -> None:
        self._connection = connection
        self._key = key

    async def add(self, lead: Lead) -> None:
        rows = [{"digest": digest} for digest, _ in await self.digests([lead])]
        await self._connection.execute(insert_if_free(self._connection, SUPPRESSED), rows)

    async def lift(self, leads: Collection[Lead]) -> None:
        if not leads:
            return
        digests = [digest for digest, _ in await self.digests(leads)]
        wanted = among(self._connection, SUPPRESSED.c.digest, digests)
        await self._connection.execute(SUPPRESSED.delete().where(wanted))

    async def among(self, leads: Sequence[Lead]) -> set[LeadId]:
        if not leads:
            return set()
        digests = await self.digests(leads)
        wanted = among(self._connection, SUPPRESSED.c.digest, [digest for digest, _ in digests])
        found = await self._connection.execute(select(SUPPRESSED.c.digest).where(wanted))
        known = set(found.scalars())
        return {lead_id for digest, lead_id in digests if digest in known}

    async def digests(self, leads: Collection[Lead]) -> Sequence[tuple[str, LeadId]]:
        """One or two for each lead; whoever clash with each other have one in common."""
        key = await self._key.read(self._connection)
        return [
            (hmac.digest(key, mark.encode(), "sha256").hex(), lead.id)
            async for few in unhurried(leads)
            for lead in few
            for mark in marks_of(lead)
        ]
