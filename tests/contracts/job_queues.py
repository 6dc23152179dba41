"""What doorbells promise: they wake whoever listens, and trouble nobody when none does."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from application.ports import Bell, JobQueue

Listen = Callable[[Bell], AbstractAsyncContextManager[asyncio.Event]]


class JobQueueContract:
    """Inherit it with the fixtures `queue` and `listen`: an event per bell, set when it rings."""

    async def test_a_bell_reaches_who_listens(self, queue: JobQueue, listen: Listen) -> None:
        async with listen(Bell.SUMMARIES) as rung:
            assert await queue.ring(Bell.SUMMARIES)

            await asyncio.wait_for(rung.wait(), 10)

    async def test_each_kind_of_work_has_its_own_bell(
        self, queue: JobQueue, listen: Listen
    ) -> None:
        async with listen(Bell.SUMMARIES) as summaries, listen(Bell.SYNCS) as syncs:
            await queue.ring(Bell.SYNCS)

            await asyncio.wait_for(syncs.wait(), 10)
            assert not summaries.is_set()

    async def test_it_can_be_rung_again_and_again(self, queue: JobQueue, listen: Listen) -> None:
        async with listen(Bell.SUMMARIES) as rung:
            for _ in range(3):
                rung.clear()
                await queue.ring(Bell.SUMMARIES)
                await asyncio.wait_for(rung.wait(), 10)

    async def test_rung_by_many_at_once_it_wakes_who_listens(
        self, queue: JobQueue, listen: Listen
    ) -> None:
        async with listen(Bell.SUMMARIES) as rung:
            await asyncio.gather(*(queue.ring(Bell.SUMMARIES) for _ in range(20)))

            await asyncio.wait_for(rung.wait(), 10)

    async def test_where_nobody_listens_it_comes_back_all_the_same(self, queue: JobQueue) -> None:
        async with asyncio.timeout(5):
            await queue.ring(Bell.SUMMARIES)
