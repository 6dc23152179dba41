"""Gates around the steps of a read and of a write, to hold them there."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from application.lead_cache import LeadCache
from application.ports import CommitHook, UnitOfWork, UnitsOfWork
from domain.lead import Lead


class Gate:
    """Open, unless it was closed: then who comes stands there until it is opened."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._open = asyncio.Event()
        self._open.set()

    def close(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        self.reached.set()
        await self._open.wait()


@asynccontextmanager
async def held_at(gate: Gate, doing: Coroutine[Any, Any, object]) -> AsyncIterator[None]:
    """What is done has come to the gate; at the end of the block it goes on, to its own end."""
    gate.close()
    task = asyncio.create_task(doing)
    await gate.reached.wait()
    yield
    gate.open()
    await task


class GatedReads(UnitsOfWork):
    """A database with a gate before and after each transaction."""

    def __init__(self, database: UnitsOfWork) -> None:
        self.before, self.after = Gate(), Gate()
        self._database = database

    @asynccontextmanager
    async def __call__(self, *, reads_only: bool = False) -> AsyncIterator[UnitOfWork]:
        await self.before.passed()
        async with self._database(reads_only=reads_only) as work:
            yield work
        await self.after.passed()


class GatedCommit(CommitHook):
    """A gate on each side of the commit, between the fence and what is put after it."""

    def __init__(self, lead_cache: LeadCache) -> None:
        self.fenced, self.committed = Gate(), Gate()
        self._lead_cache = lead_cache

    async def before_commit(self, leads: Sequence[Lead]) -> None:
        await self._lead_cache.before_commit(leads)
        await self.fenced.passed()

    async def after_commit(self, leads: Sequence[Lead]) -> None:
        await self.committed.passed()
        await self._lead_cache.after_commit(leads)
