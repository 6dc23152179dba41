"""The worker process of the distributed mode: summaries and syncs, woken by SAQ."""

import asyncio
import logging

from entrypoints.bells import answer_bells
from entrypoints.container import opened
from entrypoints.garbage import settle
from entrypoints.process import stop_on_signals
from entrypoints.pulse import beat
from entrypoints.purging import purge
from entrypoints.settings import Settings

log = logging.getLogger(__name__)


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish or give back what is held."""
    stopping = stop_on_signals()
    async with opened(settings) as system, asyncio.TaskGroup() as group:
        settle()
        log.info("looking for work")
        group.create_task(system.summaries.run(stopping))
        group.create_task(system.syncs.run(stopping))
        group.create_task(answer_bells(system, stopping))
        group.create_task(purge(system.crm, stopping))
        group.create_task(beat("worker", stopping))
