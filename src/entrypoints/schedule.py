"""The clock's side of syncing: one run per source and scheduled time, whoever ticks."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from croniter import croniter

from application.crm import Crm
from domain.errors import CrmError
from entrypoints.settings import Settings

log = logging.getLogger(__name__)


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
    """Tick for every source at its times, in this process, until `stopping`."""
    stopped = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        now = datetime.now(UTC)
        due = {source: next_slot(settings.cron_of(source), now) for source in settings.lead_sources}
        await asyncio.wait({stopped}, timeout=(min(due.values()) - now).total_seconds())
        if stopping.is_set():
            break
        for source, at in due.items():
            if at <= datetime.now(UTC):
                await _tick_or_log(crm, settings, source)


async def _tick_or_log(crm: Crm, settings: Settings, source: str) -> None:
    try:
        await tick(crm, settings, source)
    except CrmError as error:
        log.warning("a sync could not be started", extra={"source": source, "reason": str(error)})
