"""Offer what has changed at a source since it was last read, where the source can tell."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports import UnitsOfWork
from domain.incoming import IncomingLead
from domain.ports import LeadSource, TellsChanges

OVERLAP = timedelta(minutes=10)
"""How far two clocks may be apart, and how late a change may become visible after its time."""


@dataclass(frozen=True, slots=True)
class ChangedLeads(LeadSource):
    """Offers what has changed since then; it may well be nobody."""

    source: TellsChanges
    since: datetime

    @property
    def name(self) -> str:
        return self.source.name

    def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        return self.source.fetch_changes(self.since)


async def only_changed(source: LeadSource, unit_of_work: UnitsOfWork) -> LeadSource:
    """The source itself, unless it tells changes and was read to its end before."""
    if not isinstance(source, TellsChanges) or not source.tells_changes:
        return source
    async with unit_of_work(reads_only=True) as work:
        began = await work.sync_runs.last_read_began(source.name)
    return source if began is None else ChangedLeads(source, began - OVERLAP)
