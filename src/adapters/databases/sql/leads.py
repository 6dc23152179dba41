"""The leads in SQL."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import in_chunks, insert, is_postgres
from adapters.databases.sql.mapping import LEAD_FIELDS, lead_of, lead_values
from adapters.databases.sql.rows import LEADS
from domain.errors import DuplicateLead, LeadChanged
from domain.lead import Lead, LeadId
from domain.ports import LeadRepository, Position

SQLITE_ROWS = 500
"""Rows of one INSERT, well below SQLite's limit of 32,766 variables."""
POSTGRES_ROWS = 1_500
"""Likewise below PostgreSQL's 32,767 parameters."""
KEYS = 10_000

_COLUMNS = [LEADS.c[name] for name in LEAD_FIELDS]
_LIVE = LEADS.c.deleted_at.is_(None)


class SqlLeads(LeadRepository):
    """`saved` lists the leads that were replaced, as the commit hook needs them."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.saved: list[Lead] = []

    async def add(self, lead: Lead) -> None:
        statement = (
            insert(self._connection, LEADS)
            .values(lead_values(lead))
            .on_conflict_do_nothing()
            .returning(LEADS.c.id)
        )
        while (await self._connection.execute(statement)).first() is None:
            # who held the key may have gone before it was found: then there is room now
            await self._refuse_duplicate(lead)

    async def add_new(self, leads: Sequence[Lead]) -> set[LeadId]:
        # one order for all writers, so that two of them never wait for each other
        ordered = sorted(leads, key=lambda lead: lead.email_key)
        size = POSTGRES_ROWS if is_postgres(self._connection) else SQLITE_ROWS
        added: set[LeadId] = set()
        for chunk in in_chunks(ordered, size):
            statement = (
                insert(self._connection, LEADS)
                .values([lead_values(lead) for lead in chunk])
                .on_conflict_do_nothing()
                .returning(LEADS.c.id)
            )
            added |= {LeadId(row.id) for row in await self._connection.execute(statement)}
        return added

    async def get(self, lead_id: LeadId, *, for_update: bool = False) -> Lead | None:
        query = self._select().where(LEADS.c.id == lead_id)
        if for_update:
            query = query.with_for_update()
        row = (await self._connection.execute(query)).first()
        return lead_of(row) if row else None

    async def save(self, lead: Lead) -> None:
        result = await self._connection.execute(
            LEADS.update()
            .where(LEADS.c.id == lead.id, LEADS.c.version == lead.version - 1, _LIVE)
            .values(lead_values(lead))
        )
        if result.rowcount == 0:
            raise LeadChanged(lead.id)
        self.saved.append(lead)

    async def page(self, limit: int, after: Position | None) -> Sequence[Lead]:
        place = tuple_(LEADS.c.created_at, LEADS.c.id)
        query = self._select().order_by(LEADS.c.created_at.desc(), LEADS.c.id.desc()).limit(limit)
        if after is not None:
            query = query.where(place < tuple_(*position_values(after)))
        return [lead_of(row) for row in await self._connection.execute(query)]

    async def matching(
        self, source: str, external_ids: Collection[str], email_keys: Collection[str]
    ) -> Sequence[Lead]:
        found: dict[UUID, Lead] = {}
        for chunk in in_chunks(external_ids, KEYS):
            known = and_(LEADS.c.source == source, LEADS.c.external_id.in_(chunk))
            await self._find(known, found)
        for chunk in in_chunks(email_keys, KEYS):
            await self._find(LEADS.c.email_key.in_(chunk), found)
        return list(found.values())

    async def _find(self, condition: Any, found: dict[UUID, Lead]) -> None:
        for row in await self._connection.execute(self._select().where(condition)):
            found[row.id] = lead_of(row)

    async def _refuse_duplicate(self, lead: Lead) -> None:
        same_email = LEADS.c.email_key == lead.email_key
        same_origin = and_(LEADS.c.source == lead.source, LEADS.c.external_id == lead.external_id)
        query = self._select().where(or_(same_email, same_origin))
        holders = [lead_of(row) for row in await self._connection.execute(query)]
        for holder in holders:
            if holder.email_key == lead.email_key:
                raise DuplicateLead("email", holder.id)
        if holders:
            raise DuplicateLead("external_id", holders[0].id)

    def _select(self) -> Select[Any]:
        return select(*_COLUMNS).where(_LIVE)


def position_values(position: Position) -> tuple[Any, Any]:
    """As bound values of the columns `created_at` and `id`."""
    return (
        literal(position.created_at, LEADS.c.created_at.type),
        literal(position.id, LEADS.c.id.type),
    )
