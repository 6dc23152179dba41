"""Let one pass at a time in each process.

Those who would lock the same rows would only wait for each other, each with a connection of its
own, until none is left for anybody else.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from domain.errors import DatabaseUnavailable


@dataclass(frozen=True, slots=True)
class OneAtATime:
    seconds: float = 20.0
    _passing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """DatabaseUnavailable if the turn does not come in `seconds`."""
        try:
            async with asyncio.timeout(self.seconds):
                await self._passing.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable("too many wait for their turn") from error
        try:
            yield
        finally:
            self._passing.release()
