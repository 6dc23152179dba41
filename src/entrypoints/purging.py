"""Forgets answers whose time is over, in small batches, so that it is never in anybody's way."""

import asyncio
import logging

from application.crm import Crm
from domain.errors import CrmError

log = logging.getLogger(__name__)

BATCH = 500
EVERY_SECONDS = 60.0


async def purge_receipts(crm: Crm, stopping: asyncio.Event) -> None:
    """Until `stopping`; several processes may do so at once."""
    stopped = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        if await _purge_or_log(crm) < BATCH:
            await asyncio.wait({stopped}, timeout=EVERY_SECONDS)


async def _purge_or_log(crm: Crm) -> int:
    try:
        return await crm.purge_receipts(BATCH)
    except CrmError as error:
        log.warning("answers could not be forgotten", extra={"reason": str(error)})
        return 0
