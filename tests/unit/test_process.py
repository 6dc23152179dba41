"""How a signal becomes a stop."""

import asyncio
import os
import signal
from datetime import timedelta

import pytest

from entrypoints.process import drain_on_signals

NEVER = timedelta(hours=1)


async def told(event: asyncio.Event) -> bool:
    async with asyncio.timeout(5):
        return await event.wait()


async def test_sigterm_drains_first() -> None:
    draining, stopping = drain_on_signals(NEVER)

    os.kill(os.getpid(), signal.SIGTERM)

    assert await told(draining)
    assert not stopping.is_set()


async def test_after_the_drain_comes_the_stop() -> None:
    _, stopping = drain_on_signals(timedelta(milliseconds=5))

    os.kill(os.getpid(), signal.SIGTERM)

    assert await told(stopping)


@pytest.mark.parametrize("before", [[], [signal.SIGTERM]])
async def test_sigint_waits_for_nothing(before: list[signal.Signals]) -> None:
    draining, stopping = drain_on_signals(NEVER)

    for number in [*before, signal.SIGINT]:
        os.kill(os.getpid(), number)

    assert await told(stopping)
    assert draining.is_set()
