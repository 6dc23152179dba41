"""SAQ alone: how many jobs that do nothing one worker process does in a second."""

import asyncio
import sys
import time
from typing import Any

import redis.asyncio
import saq
import uvloop
from saq.queue.redis import RedisQueue


class Quiet(saq.Worker[Any]):
    """Leaves signals alone."""

    SIGNALS = []  # noqa: RUF012 - overrides saq's own class attribute


async def main(url: str, jobs: int, concurrency: int) -> None:
    """Print the seconds that so many waiting jobs took, and those of CPU."""
    queue = RedisQueue(redis.asyncio.Redis.from_url(url), name="noop")
    for first in range(0, jobs, 100):
        every = range(first, min(first + 100, jobs))
        await asyncio.gather(*(queue.enqueue("nothing", n=n, retries=1) for n in every))
    left, done = jobs, asyncio.Event()

    async def nothing(_: dict[str, Any], n: int) -> None:  # noqa: ARG001 - a job has an argument
        nonlocal left
        left -= 1
        if not left:
            done.set()

    worker = Quiet(queue, [("nothing", nothing)], concurrency=concurrency)
    began, spent = time.perf_counter(), time.process_time()
    working = asyncio.create_task(worker.start())
    await done.wait()
    print(time.perf_counter() - began, time.process_time() - spent)
    await worker.stop()
    await asyncio.gather(working, return_exceptions=True)
    await queue.disconnect()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
