"""Transactions in memory.

A writer works on a copy of everything and swaps it in at its commit; writers take turns, and
readers see what was committed when they began.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from adapters.databases.memory.ai_budget import MemoryAiBudget
from adapters.databases.memory.bulk_summaries import MemoryBulkSummaries
from adapters.databases.memory.history import MemoryActivities, MemoryTimeline
from adapters.databases.memory.intake import MemoryIntake
from adapters.databases.memory.leads import MemoryLeads
from adapters.databases.memory.receipts import MemoryReceipts
from adapters.databases.memory.rejects import MemoryRejects
from adapters.databases.memory.staged import MemoryStaged
from adapters.databases.memory.summary_runs import MemorySummaryRuns
from adapters.databases.memory.suppressions import MemorySuppressions
from adapters.databases.memory.sync_runs import MemorySyncRuns
from adapters.databases.memory.tables import Tables
from application.ports import Clock, CommitHook, Probe, UnitOfWork, UnitsOfWork
from domain.errors import DatabaseUnavailable

BUSY_SECONDS = 5.0


class MemoryUnitOfWork(UnitOfWork):
    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        self._leads = MemoryLeads(tables)
        self._summary_runs = MemorySummaryRuns(tables, now)
        self._sync_runs = MemorySyncRuns(tables, now)
        self._rejects = MemoryRejects(tables, now)
        self._staged = MemoryStaged(tables, now)
        self._timeline = MemoryTimeline(tables)
        self._activities = MemoryActivities(tables)
        self._receipts = MemoryReceipts(tables, now)
        self._bulk_summaries = MemoryBulkSummaries(tables)
        self._ai_budget = MemoryAiBudget(tables)
        self._suppressed = MemorySuppressions(tables)
        self._intake = MemoryIntake(self._leads, self._suppressed, self._timeline)

    @property
    def leads(self) -> MemoryLeads:
        return self._leads

    @property
    def intake(self) -> MemoryIntake:
        return self._intake

    @property
    def summary_runs(self) -> MemorySummaryRuns:
        return self._summary_runs

    @property
    def sync_runs(self) -> MemorySyncRuns:
        return self._sync_runs

    @property
    def rejects(self) -> MemoryRejects:
        return self._rejects

    @property
    def staged(self) -> MemoryStaged:
        return self._staged

    @property
    def timeline(self) -> MemoryTimeline:
        return self._timeline

    @property
    def activities(self) -> MemoryActivities:
        return self._activities

    @property
    def receipts(self) -> MemoryReceipts:
        return self._receipts

    @property
    def bulk_summaries(self) -> MemoryBulkSummaries:
        return self._bulk_summaries

    @property
    def ai_budget(self) -> MemoryAiBudget:
        return self._ai_budget

    @property
    def suppressed(self) -> MemorySuppressions:
        return self._suppressed


class MemoryDatabase(UnitsOfWork, Probe):
    """`clock` is the database's own clock; `hook` is told of replaced leads around commits.

    `busy_seconds` bounds how long a writer waits for its turn.
    """

    def __init__(
        self, clock: Clock, hook: CommitHook | None = None, *, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        self._clock = clock
        self._hook = hook
        self._busy_seconds = busy_seconds
        self._tables = Tables()
        self._writing = asyncio.Lock()

    def __call__(
        self, *, reads_only: bool = False
    ) -> AbstractAsyncContextManager[MemoryUnitOfWork]:
        return self._reading() if reads_only else self._written()

    async def ping(self) -> None:
        """It is never away."""

    async def warm_up(self) -> None:
        """It is always at hand."""

    async def close(self) -> None:
        """There is nothing to give back."""

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[MemoryUnitOfWork]:
        yield MemoryUnitOfWork(self._tables, self._clock.now)

    @asynccontextmanager
    async def _written(self) -> AsyncIterator[MemoryUnitOfWork]:
        async with self._turn():
            tables = self._tables.copy()
            work = MemoryUnitOfWork(tables, self._clock.now)
            yield work
            saved = list(work.leads.saved.values())
            if self._hook and saved:
                await self._hook.before_commit(saved)
            self._tables = tables
        if self._hook and work.leads.held:
            await self._hook.after_commit(list(work.leads.held.values()))

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._busy_seconds):
                await self._writing.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable("too many writers wait for their turn") from error
        try:
            yield
        finally:
            self._writing.release()
