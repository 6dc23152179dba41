"""Go through thousands of things without holding up those who want a moment of the process."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

STEP = 100
"""Things that take ten microseconds each: a millisecond goes by between two pauses."""
_A_MOMENT = 50e-6
"""Seconds in which a thread that waits for the interpreter takes it."""

T = TypeVar("T")


async def unhurried(things: Iterable[T]) -> AsyncIterator[Sequence[T]]:
    """A few of them at a time, in their order; after each few the event loop goes its round."""
    rest = iter(things)
    while few := list(islice(rest, STEP)):
        yield few
        if len(few) == STEP:
            await asyncio.sleep(0)


def pausing(things: Iterable[T]) -> Iterator[T]:
    """Each of them, for a thread; every now and then the event loop gets the interpreter.

    It would wait five milliseconds for it, each time that it wants it.
    """
    for number, thing in enumerate(things, start=1):
        yield thing
        if number % STEP == 0:
            time.sleep(_A_MOMENT)
