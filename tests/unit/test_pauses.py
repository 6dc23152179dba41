"""Whoever goes through thousands of things lets others have their moments."""

import asyncio

from application.pauses import STEP, pausing, unhurried


async def test_the_loop_goes_its_round_between_many_things() -> None:
    rounds, many = 0, range(STEP * 5)

    async def others() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    waiting = asyncio.create_task(others())
    seen = [thing async for few in unhurried(many) for thing in few]
    waiting.cancel()

    assert seen == list(many)
    assert rounds == 5


def test_a_thread_loses_nothing_by_its_pauses() -> None:
    assert list(pausing(range(STEP * 3 + 1))) == list(range(STEP * 3 + 1))


async def test_few_things_are_not_paused_for() -> None:
    rounds = 0

    async def others() -> None:
        nonlocal rounds
        rounds += 1

    waiting = asyncio.create_task(others())
    seen = [thing async for few in unhurried(range(STEP - 1)) for thing in few]

    assert (len(seen), rounds) == (STEP - 1, 0)
    await waiting
