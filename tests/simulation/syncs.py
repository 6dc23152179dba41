"""Judges the syncs: one run per slot, none lost, and whoever was offered is there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

from domain.lead import Lead
from domain.sync import SyncRun
from tests.simulation.history import Event, Offered, Ticked

BROKEN_ROWS = 2
"""So many rows that make no sense come with each offer."""


def broken_syncs(
    events: Iterable[Event], leads: Mapping[UUID, Lead], syncs: Mapping[UUID, SyncRun]
) -> list[str]:
    """The promises that were broken, by what was offered and the rows at the end."""
    broken, offers = [], list[Offered]()
    for event in events:
        if isinstance(event, Offered):
            offers.append(event)
        elif isinstance(event, Ticked) and event.run not in syncs:
            broken.append(f"sync run {event.run} is lost")
    slots = Counter((sync.source, sync.slot) for sync in syncs.values() if sync.slot)
    broken += [f"{slot} has {count} runs" for slot, count in slots.items() if count > 1]

    known = {lead.email for lead in leads.values()}
    whole = {
        (offer.source, len(offer.emails) + BROKEN_ROWS)
        for offer in offers
        if known.issuperset(offer.emails)
    }
    done = [sync for sync in syncs.values() if sync.state == "succeeded"]
    return broken + [
        f"sync run {sync.id} did not bring what was offered"
        for sync in done
        if (sync.source, sync.counts.fetched) not in whole
    ]
