"""Forgets what is kept only for a time, in small batches, so that it is in nobody's way.

These are answers to requests with a key, the rows that syncs rejected, and files whose upload
broke off.
"""

import asyncio
import logging

from application.crm import Crm
from domain.errors import CrmError

log = logging.getLogger(__name__)

BATCH = 500
"""Answers."""
RUNS = 5
"""Sync runs, each with a thousand rejected rows at most."""
FILES = 1
"""Of half a gigabyte at most."""
EVERY_SECONDS = 60.0
RETRY_SECONDS = 5.0
"""Until it is tried again when the database was away."""


async def purge(crm: Crm, stopping: asyncio.Event) -> None:
    """Until `stopping`; several processes may do so at once."""
    stopped = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        await asyncio.wait({stopped}, timeout=await _purge(crm))


async def _purge(crm: Crm) -> float:
    """One batch; the seconds until the next."""
    try:
        answers = await crm.purge_receipts(BATCH)
        runs = await crm.purge_rejects(RUNS)
        files = await crm.purge_uploads(FILES)
    except CrmError as error:
        log.warning("what is old could not be forgotten", extra={"reason": str(error)})
        return RETRY_SECONDS
    return 0.0 if answers == BATCH or runs == RUNS or files == FILES else EVERY_SECONDS
