"""Two processes with two levels of cache each: who wrote sees it, the other by a bound."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from adapters.caches.tiered import LEASE_SECONDS
from domain.lead import LeadId
from tests.builders import SOMEBODY, some_details
from tests.engines.redis import flush
from tests.gates import held_at
from tests.schedules import Api, seen_by


@pytest.fixture
async def apis(empty_sqlite_url: str, fresh_redis_url: str) -> AsyncIterator[tuple[Api, Api]]:
    one, other = (Api(empty_sqlite_url, fresh_redis_url, tiered=True) for _ in range(2))
    yield one, other
    for api in (one, other):
        await api.close()


@pytest.fixture
async def lead_id(apis: tuple[Api, Api]) -> LeadId:
    """Of a lead at version 1 that both processes have at hand."""
    lead_id = (await apis[0].create_lead(some_details(), SOMEBODY)).id
    for _ in range(2):
        await seen_by(apis, lead_id)
    return lead_id


async def seen_after(api: Api, lead_id: LeadId, acknowledged: float) -> list[int]:
    """What was shown to reads that began when the bound was over, and a while longer."""
    seen: list[int] = []
    async with asyncio.timeout(10):
        while len(seen) < 20:
            begun = time.monotonic()
            version = await api.version(lead_id)
            if begun >= acknowledged + LEASE_SECONDS:
                seen.append(version)
            await asyncio.sleep(0.005)
    return seen


async def test_who_wrote_sees_it_at_once_and_the_other_process_by_the_bound(
    apis: tuple[Api, Api], lead_id: LeadId
) -> None:
    writer, other = apis

    await writer.request_summary(lead_id)
    acknowledged = time.monotonic()

    assert await seen_by([writer], lead_id) == [2, 2]
    assert set(await seen_after(other, lead_id, acknowledged)) == {2}


async def test_who_reads_between_fence_and_commit_keeps_nothing_old(
    apis: tuple[Api, Api], lead_id: LeadId
) -> None:
    writer, other = apis
    async with held_at(writer.commit.fenced, writer.request_summary(lead_id)):
        before = await seen_by(apis, lead_id)
    acknowledged = time.monotonic()

    assert set(before) == {1}
    assert await seen_by([writer], lead_id) == [2, 2]
    assert set(await seen_after(other, lead_id, acknowledged)) == {2}


async def test_after_a_wipe_took_the_fence_what_was_filled_in_is_gone_with_the_put(
    apis: tuple[Api, Api], lead_id: LeadId, fresh_redis_url: str
) -> None:
    writer, other = apis
    async with held_at(writer.commit.fenced, writer.request_summary(lead_id)):
        await asyncio.to_thread(flush, fresh_redis_url)
        for _ in range(2):
            before = await seen_by(apis, lead_id)
    acknowledged = time.monotonic()

    assert set(before) == {1}
    assert await seen_by([writer], lead_id) == [2, 2]
    assert set(await seen_after(other, lead_id, acknowledged)) == {2}


async def test_who_joins_a_run_is_not_shown_what_was_before_it(
    apis: tuple[Api, Api], lead_id: LeadId
) -> None:
    """The first to ask has committed, but has not come to tell the cache of it."""
    writer, other = apis
    async with held_at(writer.commit.committed, writer.request_summary(lead_id)):
        await other.request_summary(lead_id)
        seen = await seen_by([other], lead_id)

    assert seen == [2, 2]
