"""Readers and writers of two processes, held at each step: nobody is shown an old lead again."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.lead import LeadId
from tests.builders import SOMEBODY, some_details
from tests.engines.redis import flush
from tests.gates import held_at
from tests.schedules import Api, seen_by


@pytest.fixture(params=["empty_sqlite_url", "empty_postgres_url"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture
async def apis(database_url: str, fresh_redis_url: str) -> AsyncIterator[tuple[Api, Api]]:
    apis = Api(database_url, fresh_redis_url), Api(database_url, fresh_redis_url)
    yield apis
    for api in apis:
        await api.close()


@pytest.fixture
def reader(apis: tuple[Api, Api]) -> Api:
    return apis[0]


@pytest.fixture(params=["same process", "other process"])
def writer(request: pytest.FixtureRequest, apis: tuple[Api, Api]) -> Api:
    return apis[request.param == "other process"]


@pytest.fixture
async def lead_id(reader: Api) -> LeadId:
    """Of a lead at version 1 that nobody has read yet."""
    return (await reader.create_lead(some_details(), SOMEBODY)).id


async def test_who_read_before_the_commit_and_fills_after_it_brings_nothing_old_back(
    apis: tuple[Api, Api], reader: Api, writer: Api, lead_id: LeadId
) -> None:
    reader.reads.after.close()
    slow = asyncio.create_task(reader.version(lead_id))
    await reader.reads.after.reached.wait()

    await writer.request_summary(lead_id)
    reader.reads.after.open()

    assert await slow == 1
    assert await seen_by(apis, lead_id) == [2, 2, 2, 2]


async def test_who_missed_before_the_fence_and_reads_before_the_commit_cannot_fill(
    apis: tuple[Api, Api], reader: Api, writer: Api, lead_id: LeadId
) -> None:
    reader.reads.before.close()
    reader.reads.after.close()
    writer.commit.fenced.close()
    slow = asyncio.create_task(reader.version(lead_id))
    await reader.reads.before.reached.wait()
    write = asyncio.create_task(writer.request_summary(lead_id))
    await writer.commit.fenced.reached.wait()
    reader.reads.before.open()
    await reader.reads.after.reached.wait()

    writer.commit.fenced.open()
    await write
    reader.reads.after.open()

    assert await slow == 1
    assert await seen_by(apis, lead_id) == [2, 2, 2, 2]


async def test_who_comes_between_fence_and_commit_leaves_nothing_old(
    apis: tuple[Api, Api], reader: Api, writer: Api, lead_id: LeadId
) -> None:
    async with held_at(writer.commit.fenced, writer.request_summary(lead_id)):
        before = await reader.version(lead_id)

    assert before == 1
    assert await seen_by(apis, lead_id) == [2, 2, 2, 2]


async def test_once_it_is_committed_every_reader_sees_it_though_it_is_not_put_yet(
    apis: tuple[Api, Api], reader: Api, writer: Api, lead_id: LeadId
) -> None:
    await reader.version(lead_id)
    async with held_at(writer.commit.committed, writer.request_summary(lead_id)):
        seen = await seen_by(apis, lead_id)

    assert seen == [2, 2, 2, 2]


async def test_a_wipe_between_commit_and_fill_lets_nothing_old_in(
    apis: tuple[Api, Api], reader: Api, writer: Api, lead_id: LeadId, fresh_redis_url: str
) -> None:
    reader.reads.after.close()
    slow = asyncio.create_task(reader.version(lead_id))
    await reader.reads.after.reached.wait()
    await writer.request_summary(lead_id)

    await asyncio.to_thread(flush, fresh_redis_url)
    reader.reads.after.open()

    assert await slow == 1
    assert await seen_by(apis, lead_id) == [2, 2, 2, 2]


async def test_who_fills_after_a_wipe_took_the_fence_is_replaced_by_the_committed_row(
    apis: tuple[Api, Api], reader: Api, writer: Api, lead_id: LeadId, fresh_redis_url: str
) -> None:
    async with held_at(writer.commit.fenced, writer.request_summary(lead_id)):
        await asyncio.to_thread(flush, fresh_redis_url)

        before = await reader.version(lead_id)

    assert before == 1
    assert await seen_by(apis, lead_id) == [2, 2, 2, 2]


async def test_who_reads_after_a_wipe_took_the_fence_cannot_fill_after_the_commit(
    apis: tuple[Api, Api], reader: Api, writer: Api, lead_id: LeadId, fresh_redis_url: str
) -> None:
    reader.reads.after.close()
    async with held_at(writer.commit.fenced, writer.request_summary(lead_id)):
        await asyncio.to_thread(flush, fresh_redis_url)
        slow = asyncio.create_task(reader.version(lead_id))
        await reader.reads.after.reached.wait()
    reader.reads.after.open()

    assert await slow == 1
    assert await seen_by(apis, lead_id) == [2, 2, 2, 2]


async def test_who_joins_a_run_whose_fence_was_wiped_sees_what_it_was_told(
    apis: tuple[Api, Api], lead_id: LeadId, fresh_redis_url: str
) -> None:
    """The first to ask has committed, but has not come to tell the cache of it."""
    reader, writer = apis
    writer.commit.fenced.close()
    writer.commit.committed.close()
    write = asyncio.create_task(writer.request_summary(lead_id))
    await writer.commit.fenced.reached.wait()
    await asyncio.to_thread(flush, fresh_redis_url)
    before = await reader.version(lead_id)
    writer.commit.fenced.open()
    await writer.commit.committed.reached.wait()

    await reader.request_summary(lead_id)
    seen = await seen_by(apis, lead_id)
    writer.commit.committed.open()
    await write

    assert before == 1
    assert seen == [2, 2, 2, 2]
