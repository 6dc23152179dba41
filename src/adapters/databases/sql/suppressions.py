"""The leads that no source may bring back, in SQL: by digests under the database's own key."""

import hmac
from collections.abc import Collection, Mapping, Sequence
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
        rows = [{"digest": digest} for digest in await self.digests([lead])]
        await self._connection.execute(insert_if_free(self._connection, SUPPRESSED), rows)

    async def lift(self, leads: Collection[Lead]) -> None:
        if not leads:
            return
        wanted = among(self._connection, SUPPRESSED.c.digest, list(await self.digests(leads)))
        await self._connection.execute(SUPPRESSED.delete().where(wanted))

    async def among(self, leads: Sequence[Lead]) -> set[LeadId]:
        if not leads:
            return set()
        holders = await self.digests(leads)
        wanted = among(self._connection, SUPPRESSED.c.digest, list(holders))
        found = await self._connection.execute(select(SUPPRESSED.c.digest).where(wanted))
        return {holders[digest] for digest in found.scalars()}

    async def digests(self, leads: Collection[Lead]) -> Mapping[str, LeadId]:
        """The lead of each digest; none has two of them, nor do two leads have one."""
        key = await self._key.read(self._connection)
        return {
            hmac.digest(key, mark.encode(), "sha256").hex(): lead.id
            async for few in unhurried(leads)
            for lead in few
            for mark in marks_of(lead)
        }
