"""Deadlines of many calls under one timer: who is late is ended, and nobody else."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from adapters.caches._deadlines import Deadlines


class Told:
    times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def deadlines(told: Told) -> AsyncIterator[Deadlines]:
    deadlines = Deadlines(told)
    yield deadlines
    deadlines.close()


def a_call() -> "asyncio.Future[int]":
    return asyncio.get_running_loop().create_future()


async def test_a_call_that_is_not_answered_ends_when_it_is_due(
    deadlines: Deadlines, told: Told
) -> None:
    begun, call = time.monotonic(), a_call()

    deadlines.watch(call, begun + 0.01)

    with pytest.raises(TimeoutError):
        await call
    assert time.monotonic() >= begun + 0.01
    assert told.times == 1


async def test_a_call_that_is_due_earlier_does_not_wait_for_one_before_it(
    deadlines: Deadlines,
) -> None:
    patient, hasty = a_call(), a_call()
    deadlines.watch(patient, time.monotonic() + 60)

    deadlines.watch(hasty, time.monotonic() + 0.01)

    with pytest.raises(TimeoutError):
        await hasty
    assert not patient.done()


async def test_a_call_that_was_answered_or_given_up_keeps_what_it_has(
    deadlines: Deadlines, told: Told
) -> None:
    answered, given_up, last = a_call(), a_call(), a_call()
    due = time.monotonic() + 0.01
    for call in (answered, given_up):
        deadlines.watch(call, due)
    deadlines.watch(last, due + 0.01)

    answered.set_result(1)
    given_up.cancel()

    with pytest.raises(TimeoutError):
        await last
    assert await answered == 1
    assert given_up.cancelled()
    assert told.times == 1


async def test_those_that_are_late_together_are_told_of_once(
    deadlines: Deadlines, told: Told
) -> None:
    calls = [a_call() for _ in range(10)]
    due = time.monotonic() + 0.01
    for call in calls:
        deadlines.watch(call, due)

    ended = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(error) for error in ended] == [TimeoutError] * 10
    assert told.times == 1


async def test_an_answer_that_came_while_the_loop_was_held_up_counts(
    deadlines: Deadlines,
) -> None:
    """Some loops run timers before they read, and TLS takes a turn more."""
    loop, call = asyncio.get_running_loop(), a_call()
    deadlines.watch(call, time.monotonic() + 0.01)

    time.sleep(0.05)  # noqa: ASYNC251 - that is the hold-up
    loop.call_later(0, lambda: loop.call_soon(loop.call_soon, call.set_result, 1))

    assert await call == 1
