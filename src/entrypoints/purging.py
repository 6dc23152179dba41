"""Forgets answers whose time is over, in small batches, so that it is never in anybody's way."""

import asyncio
import logging

from application.crm import Crm
from domain.errors import CrmError

log = logging.getLogger(__name__)

BATCH = 500
EVERY_SECONDS = 60.0
RETRY_SECONDS = 5.0
"""Until it is tried again when the database was away."""


async def purge_receipts(crm: Crm, stopping: asyncio.Event) -> None:
    """Until `stopping`; several processes may do so at once."""
    stopped = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        await asyncio.wait({stopped}, timeout=await _purge(crm))


async def _purge(crm: Crm) -> float:
    """One batch; the seconds until the next."""
    try:
        gone = await crm.purge_receipts(BATCH)
    except CrmError as error:
        log.warning("answers could not be forgotten", extra={"reason": str(error)})
        return RETRY_SECONDS
    return EVERY_SECONDS if gone < BATCH else 0.0
