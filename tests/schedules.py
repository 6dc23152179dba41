"""One API process as a schedule needs it: what it reads and writes with, and gates in between."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from adapters.caches.redis import RedisCache
from adapters.caches.tiered import TieredCache
from adapters.databases.sql.unit_of_work import SqlDatabase
from adapters.job_queues.in_process import InProcessJobQueue
from adapters.system import SystemClock, SystemJitter, UuidV7Ids
from application.create_lead import CreateLead
from application.get_lead import GetLead
from application.lead_cache import LeadCache
from application.request_summary import RequestSummary
from domain.lead import LeadId
from entrypoints.lead_json import encode_lead
from tests.builders import an_open_gate
from tests.gates import GatedCommit, GatedReads

PATIENCE = timedelta(seconds=5)
"""A deadline that a loaded machine keeps: what misses for want of time proves nothing here."""


class Api:
    """Its cache is in Redis, and if it is `tiered` in memory too."""

    def __init__(self, database_url: str, redis_url: str, *, tiered: bool = False) -> None:
        clock, ids = SystemClock(), UuidV7Ids()
        shared = RedisCache(redis_url, deadline=PATIENCE)
        self.cache = TieredCache(shared) if tiered else shared
        lead_cache = LeadCache(self.cache, encode_lead, ids, SystemJitter())
        self.commit = GatedCommit(lead_cache)
        self.database = SqlDatabase(database_url, hook=self.commit)
        self.reads = GatedReads(self.database)
        self.create_lead = CreateLead(self.database, clock, ids)
        self.get_lead = GetLead(self.reads, lead_cache)
        self.request_summary = RequestSummary(
            self.database, InProcessJobQueue(), clock, ids, an_open_gate()
        )

    async def version(self, lead_id: LeadId) -> int:
        return (await self.get_lead(lead_id)).version

    async def close(self) -> None:
        await self.database.close()
        await self.cache.close()


async def seen_by(apis: Sequence[Api], lead_id: LeadId) -> list[int]:
    """Each is asked twice: the first answer may come from the database."""
    async with asyncio.timeout(10):
        return [await api.version(lead_id) for api in apis for _ in range(2)]
