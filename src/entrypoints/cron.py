"""The cron process of the distributed mode: starts each source's sync at its times.

Two clocks tick, as a slot that had its run gets no second one: SAQ's, where there is a Redis,
and this process's own, which needs none and loses no slot to a Redis that is away or wiped.
"""

import asyncio
from typing import Any

from saq import CronJob

from application.crm import Crm
from entrypoints.bells import BellWorker, keep_running
from entrypoints.container import cron_queue, opened
from entrypoints.garbage import settle
from entrypoints.process import stop_on_signals
from entrypoints.pulse import beat
from entrypoints.schedule import run_schedule, tick
from entrypoints.settings import Settings

TICK_SECONDS = 20
"""A tick that takes longer has died; SAQ frees its key then."""


async def run_cron(settings: Settings) -> None:
    """Tick until SIGTERM or SIGINT."""
    stopping = stop_on_signals()
    async with opened(settings) as system, asyncio.TaskGroup() as group:
        settle()
        group.create_task(run_schedule(system.crm, settings, stopping))
        if settings.redis_url is not None:
            group.create_task(_run_saq_schedule(system.crm, settings, stopping))
        group.create_task(beat("cron", stopping))


async def _run_saq_schedule(crm: Crm, settings: Settings, stopping: asyncio.Event) -> None:
    queue = cron_queue(settings)
    jobs = [_cron_job(crm, settings, source) for source in settings.lead_sources]
    try:
        await keep_running(
            lambda: BellWorker(queue.queue, [], concurrency=1, cron_jobs=jobs), stopping
        )
    finally:
        await queue.close()


def _cron_job(crm: Crm, settings: Settings, source: str) -> CronJob[Any]:
    async def ring(_: dict[str, Any]) -> None:
        await tick(crm, settings, source)

    # saq tells its cron jobs apart by their functions' names
    ring.__qualname__ = f"sync_{source}"
    return CronJob(ring, cron=settings.cron_of(source), timeout=TICK_SECONDS)
