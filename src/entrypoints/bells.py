"""SAQ's side of the doorbell: jobs of one line that wake the workers of this process."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import saq

from application.ports import Bell
from application.worker import Worker
from entrypoints.container import System

log = logging.getLogger(__name__)

PATIENCE = 30.0
"""Seconds for which a full worker holds a bell; less than SAQ gives the job."""
RETRY_AFTER = 5.0
"""Seconds until a SAQ worker that broke is started again; the sweep works meanwhile."""


class BellWorker(saq.Worker[Any]):
    """A SAQ worker that leaves signals to the process it runs in."""

    SIGNALS = []  # noqa: RUF012 - overrides saq's own class attribute


async def summaries(ctx: dict[str, Any]) -> None:
    await _answer(ctx["system"].summaries)


async def syncs(ctx: dict[str, Any]) -> None:
    await _answer(ctx["system"].syncs)


async def _answer(worker: Worker[Any]) -> None:
    """A worker that stays full leaves the row to whoever sweeps next."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await worker.answer_bell()


async def answer_bells(system: System, stopping: asyncio.Event) -> None:
    """Listen on the queue until `stopping`; nothing to do where SAQ is not the doorbell."""
    queue = system.saq_queue
    if queue is None:
        return

    async def hand_over(ctx: dict[str, Any]) -> None:
        ctx["system"] = system

    functions = [(Bell.SUMMARIES.value, summaries), (Bell.SYNCS.value, syncs)]
    await keep_running(
        lambda: BellWorker(queue(), functions, concurrency=4, startup=hand_over), stopping
    )


async def keep_running(make: Callable[[], BellWorker], stopping: asyncio.Event) -> None:
    """Run a SAQ worker until `stopping`, and a new one whenever it breaks."""
    stopped = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        worker = make()
        working = asyncio.create_task(worker.start())
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.is_set():
            log.warning("the doorbell broke", extra={"reason": repr(working.exception())})
            await asyncio.wait({stopped}, timeout=RETRY_AFTER)
        await worker.stop()
        await asyncio.gather(working, return_exceptions=True)
