"""The bare acknowledgement: key, id, one autocommitted run in the same table, one SAQ job.

The row meets the same indexes and the same foreign key, and joins nobody: a lead that has an open
run is a conflict. What our ratio pays for beyond that: the lead held and marked as `processing`
(a row with nine indexes), the run that stands where nothing has moved, the budget looked at, and
the cache fenced before the commit and filled after it, so that no reader sees less.
"""

from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import msgspec
import redis.asyncio
from saq.queue.redis import RedisQueue
from uuid_utils.compat import uuid7

from bench.limits.asgi import answer, knows_key
from bench.limits.rows import prepared
from entrypoints.http.asgi import ASGIApp, Receive, Scope, Send

INSERT = """
    INSERT INTO summary_runs (id, lead_id, state, attempts, crashes, due_at, created_at)
    VALUES ($1, $2, 'pending', 0, 0, $3, $3)
"""


class Requested(msgspec.Struct, frozen=True):
    status: str
    lead_id: UUID
    run_id: UUID
    message: str


@asynccontextmanager
async def opened(chosen: Namespace) -> AsyncIterator[ASGIApp]:
    encode = msgspec.json.Encoder().encode
    queue = RedisQueue(redis.asyncio.Redis.from_url(chosen.redis), name="bare")

    async with prepared(chosen.database, INSERT) as insert:

        async def app(scope: Scope, _: Receive, send: Send) -> None:
            if not knows_key(scope):
                return await answer(send, 401, b"")
            try:
                lead_id = UUID(scope["path"].removeprefix("/leads/").removesuffix("/summarize"))
            except ValueError:
                return await answer(send, 404, b"")
            run_id = uuid7()
            try:
                await insert.fetch(run_id, lead_id, datetime.now(UTC))
            except asyncpg.ForeignKeyViolationError:
                return await answer(send, 404, b"")
            except asyncpg.UniqueViolationError:
                return await answer(send, 409, b"")
            await queue.enqueue("summaries")
            told = Requested("processing", lead_id, run_id, "The summary is being made.")
            return await answer(send, 202, encode(told))

        yield app
    await queue.disconnect()
