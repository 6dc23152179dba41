"""The doorbell within one process keeps every doorbell's promises."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.job_queues.in_process import InProcessJobQueue
from application.ports import Bell
from tests.contracts.job_queues import JobQueueContract, Listen


class TestInProcessJobQueue(JobQueueContract):
    adapter = "job_queues.in_process"

    @pytest.fixture
    def queue(self) -> InProcessJobQueue:
        return InProcessJobQueue()

    @pytest.fixture
    def listen(self, queue: InProcessJobQueue) -> Listen:
        @asynccontextmanager
        async def listening(bell: Bell) -> AsyncIterator[asyncio.Event]:
            rung = asyncio.Event()
            queue.listen(bell, rung.set)
            yield rung

        return listening

    async def test_it_tells_when_nobody_listens(self, queue: InProcessJobQueue) -> None:
        assert not await queue.ring(Bell.SYNCS)
