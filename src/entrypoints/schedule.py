"""The clock's side of syncing: one run per source and scheduled time, whoever ticks."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from croniter import croniter

from application.crm import Crm
from domain.errors import CrmError
from entrypoints.settings import Settings

log = logging.getLogger(__name__)

RETRY_AFTER = timedelta(seconds=10)
"""Until a tick that failed is tried again."""


def slot_at(cron: str, now: datetime) -> datetime:
    """The latest scheduled time that is not after `now`."""
    latest: datetime = croniter(cron, now + timedelta(seconds=1)).get_prev(datetime)
    return latest


def next_slot(cron: str, now: datetime) -> datetime:
    following: datetime = croniter(cron, now).get_next(datetime)
    return following


async def tick(crm: Crm, settings: Settings, source: str) -> None:
    """Start this source's run for the slot that has just begun; a slot had before is joined."""
    slot = slot_at(settings.cron_of(source), datetime.now(UTC))
    run = await crm.start_sync(source, slot)
    log.info("sync is due", extra={"source": source, "slot": slot.isoformat(), "run": str(run.id)})


async def run_schedule(crm: Crm, settings: Settings, stopping: asyncio.Event) -> None:
    """Tick for every source at its times, in this process, until `stopping`.

    A tick that failed is made up for, until the next slot takes its place.
    """
    stopped = asyncio.create_task(stopping.wait())
    begun = datetime.now(UTC)
    due = {source: next_slot(settings.cron_of(source), begun) for source in settings.lead_sources}
    for source, slot in due.items():
        log.info("syncs are scheduled", extra={"source": source, "next": slot.isoformat()})
    while True:
        wait = min(due.values()) - datetime.now(UTC)
        await asyncio.wait({stopped}, timeout=max(wait.total_seconds(), 0))
        if stopping.is_set():
            return
        now = datetime.now(UTC)
        for source in [source for source, at in due.items() if at <= now]:
            following = next_slot(settings.cron_of(source), now)
            ticked = await _tick_or_log(crm, settings, source)
            due[source] = following if ticked else min(following, now + RETRY_AFTER)


async def _tick_or_log(crm: Crm, settings: Settings, source: str) -> bool:
    try:
        await tick(crm, settings, source)
    except CrmError as error:
        log.warning("a sync could not be started", extra={"source": source, "reason": str(error)})
        return False
    return True
