"""The doorbell on SAQ keeps every doorbell's promises, whatever Redis does."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from adapters.job_queues import saq
from adapters.job_queues.saq import SaqJobQueue
from application.ports import Bell
from entrypoints.bells import BellWorker
from tests.contracts.job_queues import JobQueueContract, Listen
from tests.engines.frozen import frozen
from tests.engines.redis import OwnRedis
from tests.processes import free_port


@pytest.fixture
async def queue(fresh_redis_url: str) -> AsyncIterator[SaqJobQueue]:
    queue = SaqJobQueue(fresh_redis_url, deadline=timedelta(seconds=5))
    yield queue
    await queue.close()


class TestSaqJobQueue(JobQueueContract):
    adapter = "job_queues.saq"

    @pytest.fixture
    async def listen(self, queue: SaqJobQueue) -> AsyncIterator[Listen]:
        """One worker for both bells, as one that knows only one would swallow the other."""
        rung = {bell: asyncio.Event() for bell in Bell}

        def ringing(bell: Bell) -> tuple[str, object]:
            async def answer(_: dict[str, object]) -> None:
                rung[bell].set()

            return bell.value, answer

        worker = BellWorker(queue.queue, [ringing(bell) for bell in Bell])  # type: ignore[misc]
        working = asyncio.create_task(worker.start())

        @asynccontextmanager
        async def listening(bell: Bell) -> AsyncIterator[asyncio.Event]:
            yield rung[bell]

        yield listening
        await worker.stop()
        await working

    async def test_a_bell_that_nobody_answered_yet_can_be_rung_again(
        self, queue: SaqJobQueue
    ) -> None:
        assert await queue.ring(Bell.SUMMARIES)
        assert await queue.ring(Bell.SUMMARIES)

    async def test_many_who_ring_at_once_share_a_ring(self, queue: SaqJobQueue) -> None:
        assert all(await asyncio.gather(*(queue.ring(Bell.SUMMARIES) for _ in range(50))))

        assert await queue.queue.count("queued") == 1

    async def test_one_that_is_on_its_way_is_not_shared(
        self, queue: SaqJobQueue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It may be heard before the work that the second one tells of is there."""
        heard, answer = asyncio.Event(), asyncio.Event()
        enqueue = queue.queue.enqueue

        async def enqueue_slowly(*args: Any, **options: Any) -> Any:
            job = await enqueue(*args, **options)
            heard.set()
            await answer.wait()
            return job

        monkeypatch.setattr(queue.queue, "enqueue", enqueue_slowly)
        first = asyncio.create_task(queue.ring(Bell.SUMMARIES))
        await heard.wait()
        second = asyncio.create_task(queue.ring(Bell.SUMMARIES))
        await asyncio.sleep(0)
        answer.set()

        assert all(await asyncio.gather(first, second))
        assert await queue.queue.count("queued") == 2

    async def test_who_gives_up_takes_the_ring_from_nobody(self, queue: SaqJobQueue) -> None:
        hasty, patient = (asyncio.create_task(queue.ring(Bell.SUMMARIES)) for _ in range(2))
        await asyncio.sleep(0)

        hasty.cancel()

        assert await patient


async def test_a_redis_that_is_not_there_costs_a_ring_and_nothing_else() -> None:
    queue = SaqJobQueue(f"redis://127.0.0.1:{free_port()}/0")

    assert not await queue.ring(Bell.SUMMARIES)

    await queue.close()


async def test_a_frozen_redis_does_not_hang_who_rings(own_redis: OwnRedis) -> None:
    queue = SaqJobQueue(own_redis.url, deadline=timedelta(seconds=1))
    assert await queue.ring(Bell.SUMMARIES)
    with frozen(own_redis):
        async with asyncio.timeout(5):
            assert not await queue.ring(Bell.SUMMARIES)

    await queue.close()


async def test_a_frozen_redis_does_not_hang_who_stops(own_redis: OwnRedis) -> None:
    queue = SaqJobQueue(own_redis.url)
    with frozen(own_redis):
        await queue.ring(Bell.SUMMARIES)

        async with asyncio.timeout(5):
            await queue.close()


async def test_a_bell_that_a_frozen_redis_does_not_take_back_does_not_hold_who_stops(
    own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a full worker does that holds a bell until it has room."""
    monkeypatch.setattr(saq, "IDLE_SECONDS", 0.1)
    monkeypatch.setattr(saq, "ANSWER_SECONDS", 0.5)
    queue, held = SaqJobQueue(own_redis.url, deadline=timedelta(seconds=5)), asyncio.Event()

    async def summaries(_: dict[str, object]) -> None:
        held.set()
        await asyncio.Event().wait()

    worker: BellWorker = BellWorker(queue.queue, [(Bell.SUMMARIES.value, summaries)])
    working = asyncio.create_task(worker.start())
    await queue.ring(Bell.SUMMARIES)
    await asyncio.wait_for(held.wait(), 10)

    with frozen(own_redis):
        async with asyncio.timeout(10):
            await worker.stop()
            await working
            left = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*left, return_exceptions=True)

    await queue.close()


async def test_many_failing_rings_are_one_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue = SaqJobQueue(f"redis://127.0.0.1:{free_port()}/0")

    for _ in range(20):
        await queue.ring(Bell.SUMMARIES)

    assert [record.message for record in caplog.records] == ["a bell could not be rung"]
    await queue.close()


async def test_a_worker_pauses_between_attempts_to_reach_a_redis_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(saq, "PAUSE_SECONDS", 0.2)
    queue = SaqJobQueue(f"redis://127.0.0.1:{free_port()}/0")

    began = time.monotonic()
    assert await queue.queue.dequeue() is None

    assert time.monotonic() - began >= 0.2
    await queue.close()


async def test_a_worker_gives_up_a_connection_that_died_in_silence(
    own_redis: OwnRedis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saq, "IDLE_SECONDS", 0.1)
    monkeypatch.setattr(saq, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(saq, "PAUSE_SECONDS", 0.1)
    queue = SaqJobQueue(own_redis.url, deadline=timedelta(seconds=5))
    assert await queue.queue.dequeue() is None

    listening = asyncio.create_task(queue.queue.dequeue())
    with caplog.at_level(logging.WARNING), frozen(own_redis):
        async with asyncio.timeout(10):
            assert await listening is None

    assert [record.message for record in caplog.records] == ["the queue is away"]
    await queue.ring(Bell.SYNCS)
    job = await queue.queue.dequeue()
    assert job is not None
    assert job.function == Bell.SYNCS.value
    await queue.close()


async def test_a_worker_whose_redis_goes_away_waits_and_works_again(
    own_redis: OwnRedis, caplog: pytest.LogCaptureFixture
) -> None:
    queue = SaqJobQueue(own_redis.url, deadline=timedelta(seconds=5))
    answered = asyncio.Event()

    async def summaries(_: dict[str, object]) -> None:
        answered.set()

    worker: BellWorker = BellWorker(queue.queue, [(Bell.SUMMARIES.value, summaries)])
    working = asyncio.create_task(worker.start())
    await queue.ring(Bell.SUMMARIES)
    await asyncio.wait_for(answered.wait(), 10)
    answered.clear()

    await asyncio.to_thread(own_redis.restart)
    async with asyncio.timeout(20):
        while not await queue.ring(Bell.SUMMARIES):
            await asyncio.sleep(0.05)
        await answered.wait()

    await worker.stop()
    await working
    await queue.close()
