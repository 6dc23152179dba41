"""The leads in SQL."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, TypeVar

from asyncpg import UniqueViolationError  # type: ignore[import-untyped]
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.dialect import among, as_python_sorts, is_postgres, listed
from adapters.databases.sql.inserts import insert_free
from adapters.databases.sql.lead_list import page_of_leads
from adapters.databases.sql.lead_statements import (
    FOUND,
    HELD,
    HELD_EVEN_DELETED,
    HELD_THESE,
    IS_LIVE,
    LEAD_COLUMNS,
    LIVE_LEADS,
    REPLACING,
)
from adapters.databases.sql.many_rows import replace_all
from adapters.databases.sql.mapping import changed_fields, lead_values
from adapters.databases.sql.postgres_reader import PostgresReader, rows_of
from adapters.databases.sql.prepared import Prepared
from adapters.databases.sql.rows import LEADS
from adapters.databases.sql.statements import TRIES, insert_or_find
from application.pauses import unhurried
from domain.errors import DuplicateLead, LeadChanged
from domain.lead import Lead, LeadId, LeadValues, Origin
from domain.lead_list import ALL_LEADS, LeadFilter, LeadSort
from domain.ports import LeadRepository, Position

V = TypeVar("V")


class SqlLeads(LeadRepository):
    """`saved` holds the leads that were replaced, each as it was saved last.

    `held` holds these and what was read for an update: nobody else changes them meanwhile.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.saved: dict[LeadId, Lead] = {}
        self.held: dict[LeadId, Lead] = {}

    async def add(self, lead: Lead) -> None:
        await insert_or_find(
            self._connection, LEADS, lead_values(lead), lambda: self._refuse_duplicate(lead)
        )

    async def add_new(self, leads: Sequence[Lead]) -> set[LeadId]:
        if not leads:
            return set()
        # one order for all writers, so that two of them never wait for each other
        ordered = sorted(leads, key=lambda lead: lead.email_key)
        rows = [lead_values(lead) async for few in unhurried(ordered) for lead in few]
        return await insert_free(self._connection, LEADS, rows)

    async def get(self, lead_id: LeadId, *, for_update: bool = False) -> Lead | None:
        if for_update:
            return await self._hold(HELD, lead_id)
        if isinstance(self._connection, PostgresReader):
            row = await self._connection.find(lead_id)
            return Lead.of_values(row) if row else None
        found = await rows_of(self._connection, FOUND, {"id": lead_id})
        return Lead.of_values(found[0]) if found else None

    async def among(self, lead_ids: Collection[LeadId]) -> Sequence[Lead]:
        if is_postgres(self._connection):
            rows = await rows_of(self._connection, LIVE_LEADS, {"ids": list(lead_ids)})
        else:
            query = self._select().where(LEADS.c.id.in_(lead_ids))
            rows = (await self._connection.execute(query)).all()
        return [Lead.of_values(row) for row in rows]

    async def get_even_deleted(self, lead_id: LeadId) -> Lead | None:
        return await self._hold(HELD_EVEN_DELETED, lead_id)

    async def save(self, lead: Lead) -> None:
        before = self.held.get(lead.id)
        may_clash = before is None or _unique(before) != _unique(lead)
        if not await (self._replaced_unless_taken(lead) if may_clash else self._replaced(lead)):
            raise LeadChanged(lead.id)
        self.is_replaced_by(lead)

    def is_replaced_by(self, lead: Lead) -> None:
        """Of which those are told who are told around the commit."""
        self.saved[lead.id] = self.held[lead.id] = lead

    async def page(
        self,
        limit: int,
        after: Position | None,
        wanted: LeadFilter = ALL_LEADS,
        sort: LeadSort = LeadSort.NEWEST,
    ) -> Sequence[Lead]:
        return await self.shaped_page(Lead.of_values, limit, after, wanted, sort)

    async def shaped_page(
        self,
        shape: Callable[[LeadValues], V],
        limit: int,
        after: Position | None,
        wanted: LeadFilter,
        sort: LeadSort,
    ) -> Sequence[V]:
        statement, values = page_of_leads(limit, after, wanted, sort)
        return list(map(shape, await rows_of(self._connection, statement, values)))

    async def matching(
        self, origins: Collection[Origin], email_keys: Collection[str]
    ) -> Sequence[Lead]:
        # two searches of two indexes: few planners do as well with an OR of both
        searches = []
        if origins:
            searches.append(self._from(origins))
        if email_keys:
            searches.append(self._with(email_keys))
        found = {row.id: row for query in searches for row in await self._connection.execute(query)}
        return [Lead.of_values(row) for row in found.values()]

    async def sole_holders(self, phone_keys: Collection[str]) -> Mapping[str, LeadId]:
        if not phone_keys:
            return {}
        key = LEADS.c.phone_key
        held = (IS_LIVE, among(self._connection, key, phone_keys))
        by_one = select(key).where(*held).group_by(key).having(func.count() == 1)
        query = select(key, LEADS.c.id).where(*held, key.in_(by_one))
        return {row.phone_key: LeadId(row.id) for row in await self._connection.execute(query)}

    async def hold(self, email_keys: Collection[str]) -> Sequence[Lead]:
        return await self._hold_all(self._with(email_keys))

    async def hold_these(self, lead_ids: Collection[LeadId]) -> Sequence[Lead]:
        if not lead_ids:
            return []
        if is_postgres(self._connection):
            rows = await rows_of(self._connection, HELD_THESE, {"ids": list(lead_ids)})
            return self._holding(rows)
        return await self._hold_all(self._select().where(LEADS.c.id.in_(lead_ids)))

    async def save_all(self, leads: Sequence[Lead]) -> None:
        if not leads:
            return
        moved, changed = [], set[str]()
        for lead in leads:
            before = self.held.get(lead.id)
            if before is None or before.version != lead.version - 1:
                raise LeadChanged(lead.id)
            if _unique(before) != _unique(lead):
                moved.append(lead)
            changed |= changed_fields(before, lead)
        rows = [lead_values(lead, changed) for lead in leads]
        try:
            # a savepoint, as in `save`
            async with self._connection.begin_nested() if moved else nullcontext():
                await replace_all(self._connection, LEADS, rows)
        except (IntegrityError, UniqueViolationError):
            for lead in moved:
                await self._refuse_duplicate(lead)
            raise
        replaced = {lead.id: lead for lead in leads}
        self.saved.update(replaced)
        self.held.update(replaced)

    async def _hold_all(self, query: Select[Any]) -> Sequence[Lead]:
        # one order for all writers, so that two of them never wait for each other
        order = as_python_sorts(self._connection, LEADS.c.email_key)
        rows = await self._connection.execute(query.order_by(order).with_for_update())
        return self._holding(rows.all())

    def _holding(self, rows: Sequence[Sequence[Any]]) -> Sequence[Lead]:
        leads = [Lead.of_values(row) for row in rows]
        self.held.update({lead.id: lead for lead in leads})
        return leads

    async def _hold(self, statement: Prepared, lead_id: LeadId) -> Lead | None:
        found = await rows_of(self._connection, statement, {"id": lead_id})
        if not found:
            return None
        lead = Lead.of_values(found[0])
        self.held[lead.id] = lead
        return lead

    async def _replaced(self, lead: Lead) -> bool:
        """Whether there was such a version."""
        return bool(await rows_of(self._connection, REPLACING, _new_values(lead)))

    async def _replaced_unless_taken(self, lead: Lead) -> bool:
        """As `_replaced`; who holds a key may be gone before they are found."""
        for _ in range(TRIES):
            try:
                # a savepoint, as on PostgreSQL an error would end the whole transaction
                async with self._connection.begin_nested():
                    replaced = await self._connection.execute(REPLACING.core, _new_values(lead))
                    return replaced.first() is not None
            except IntegrityError:
                await self._refuse_duplicate(lead)
        # neither chance nor a clash: let the database say which rule is broken
        return await self._replaced(lead)

    async def _refuse_duplicate(self, lead: Lead) -> None:
        """DuplicateLead with whoever else holds a key of this lead, if somebody does."""
        for field, same in _keys(lead).items():
            others = self._select().where(same, LEADS.c.id != lead.id)
            holder = (await self._connection.execute(others)).first()
            if holder is not None:
                raise DuplicateLead(field, holder.id)

    def _from(self, origins: Collection[Origin]) -> Select[Any]:
        rows = [{"source": source, "external_id": external_id} for source, external_id in origins]
        wanted = listed(self._connection, LEADS, rows)
        same = (LEADS.c[name] == wanted.c[name] for name in rows[0])
        return self._select().select_from(LEADS.join(wanted, and_(*same)))

    def _with(self, email_keys: Collection[str]) -> Select[Any]:
        return self._select().where(among(self._connection, LEADS.c.email_key, email_keys))

    def _select(self) -> Select[Any]:
        return select(*LEAD_COLUMNS).where(IS_LIVE)


def _new_values(lead: Lead) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in lead_values(lead).items()}


def _unique(lead: Lead) -> tuple[object, ...]:
    return lead.email_key, lead.source, lead.external_id, lead.deleted_at is None


def _keys(lead: Lead) -> dict[str, ColumnElement[bool]]:
    """What no two leads may share, by the name of the field, in the order of telling."""
    keys: dict[str, ColumnElement[bool]] = {"email": LEADS.c.email_key == lead.email_key}
    if lead.origin is not None:
        keys["external_id"] = and_(
            LEADS.c.source == lead.source, LEADS.c.external_id == lead.external_id
        )
    return keys
