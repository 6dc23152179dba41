"""The leads in memory."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

from adapters.databases.memory.tables import Tables, sorted_page
from domain.errors import DuplicateLead, LeadChanged
from domain.lead import LEAD_FIELDS, Lead, LeadId, LeadValues, Origin
from domain.lead_list import ALL_LEADS, LeadFilter, LeadSort
from domain.phone import phone_key
from domain.ports import LeadRepository, Position

V = TypeVar("V")
_values = attrgetter(*LEAD_FIELDS)


class MemoryLeads(LeadRepository):
    """`saved` holds the leads that were replaced, each as it was saved last.

    `held` holds these and what was read for an update: nobody else changes them meanwhile.
    """

    def __init__(self, tables: Tables) -> None:
        self._leads = tables.leads
        self.saved: dict[LeadId, Lead] = {}
        self.held: dict[LeadId, Lead] = {}

    async def add(self, lead: Lead) -> None:
        self._refuse_duplicate(lead)
        self._leads[lead.id] = lead

    async def add_new(self, leads: Sequence[Lead]) -> set[LeadId]:
        keys = {lead.email_key for lead in self._live()}
        origins = {lead.origin for lead in self._live()} - {None}
        added = set()
        for lead in leads:
            if lead.email_key in keys or lead.origin in origins:
                continue
            self._leads[lead.id] = lead
            added.add(lead.id)
            keys.add(lead.email_key)
            if lead.origin is not None:
                origins.add(lead.origin)
        return added

    async def get(self, lead_id: LeadId, *, for_update: bool = False) -> Lead | None:
        lead = self._leads.get(lead_id)
        if lead is None or lead.deleted_at:
            return None
        if for_update:
            # writers take turns anyway
            self.held[lead.id] = lead
        return lead

    async def among(self, lead_ids: Collection[LeadId]) -> Sequence[Lead]:
        found = (self._leads.get(lead_id) for lead_id in lead_ids)
        return [lead for lead in found if lead and not lead.deleted_at]

    async def get_even_deleted(self, lead_id: LeadId) -> Lead | None:
        lead = self._leads.get(lead_id)
        if lead is not None:
            self.held[lead.id] = lead
        return lead

    async def save(self, lead: Lead) -> None:
        stored = self._leads.get(lead.id)
        if stored is None or stored.version != lead.version - 1:
            raise LeadChanged(lead.id)
        if not lead.deleted_at:
            self._refuse_duplicate(lead)
        self._leads[lead.id] = self.saved[lead.id] = self.held[lead.id] = lead

    async def page(
        self,
        limit: int,
        after: Position | None,
        wanted: LeadFilter = ALL_LEADS,
        sort: LeadSort = LeadSort.NEWEST,
    ) -> Sequence[Lead]:
        found = (lead for lead in self._live() if wanted.admits(lead))
        return sorted_page(found, sort.key, sort.downwards, limit, after)

    async def shaped_page(
        self,
        shape: Callable[[LeadValues], V],
        limit: int,
        after: Position | None,
        wanted: LeadFilter,
        sort: LeadSort,
    ) -> Sequence[V]:
        return [shape(_values(lead)) for lead in await self.page(limit, after, wanted, sort)]

    async def matching(
        self, origins: Collection[Origin], email_keys: Collection[str]
    ) -> Sequence[Lead]:
        wanted, keys = set(origins), set(email_keys)
        return [lead for lead in self._live() if lead.email_key in keys or lead.origin in wanted]

    async def sole_holders(self, phone_keys: Collection[str]) -> Mapping[str, LeadId]:
        if not phone_keys:
            return {}
        holders = {key: list[LeadId]() for key in phone_keys}
        for lead in self._live():
            holders.get(phone_key(lead.phone) or "", []).append(lead.id)
        return {key: ids[0] for key, ids in holders.items() if len(ids) == 1}

    async def hold(self, email_keys: Collection[str]) -> Sequence[Lead]:
        keys = set(email_keys)
        return self._holding(lead for lead in self._live() if lead.email_key in keys)

    async def hold_these(self, lead_ids: Collection[LeadId]) -> Sequence[Lead]:
        wanted = set(lead_ids)
        return self._holding(lead for lead in self._live() if lead.id in wanted)

    async def save_all(self, leads: Sequence[Lead]) -> None:
        for lead in leads:
            if lead.id not in self.held:
                raise LeadChanged(lead.id)
            self._refuse_duplicate(lead)
        for lead in leads:
            await self.save(lead)

    def _holding(self, found: Iterable[Lead]) -> Sequence[Lead]:
        leads = sorted(found, key=lambda lead: lead.email_key)
        self.held.update({lead.id: lead for lead in leads})
        return leads

    def _live(self) -> list[Lead]:
        return [lead for lead in self._leads.values() if not lead.deleted_at]

    def _refuse_duplicate(self, lead: Lead) -> None:
        others = [other for other in self._live() if other.id != lead.id]
        for other in others:
            if other.email_key == lead.email_key:
                raise DuplicateLead("email", other.id)
        for other in others:
            if lead.origin is not None and other.origin == lead.origin:
                raise DuplicateLead("external_id", other.id)
