"""Transactions on PostgreSQL and SQLite: explicit, bounded, and honest about a failing commit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.engine import BUSY_SECONDS, WRITES, build_engine, telling_outages
from adapters.databases.sql.leads import SqlLeads
from adapters.databases.sql.summary_runs import SqlSummaryRuns
from adapters.databases.sql.sync_runs import SqlSyncRuns
from application.ports import CommitHook, Probe, UnitOfWork, UnitsOfWork


class SqlUnitOfWork(UnitOfWork):
    def __init__(self, connection: AsyncConnection) -> None:
        self._leads = SqlLeads(connection)
        self._summary_runs = SqlSummaryRuns(connection)
        self._sync_runs = SqlSyncRuns(connection)

    @property
    def leads(self) -> SqlLeads:
        return self._leads

    @property
    def summary_runs(self) -> SqlSummaryRuns:
        return self._summary_runs

    @property
    def sync_runs(self) -> SqlSyncRuns:
        return self._sync_runs


class SqlDatabase(UnitsOfWork, Probe):
    """`url` names the database, `hook` is told of replaced leads around each commit."""

    def __init__(self, url: str, hook: CommitHook | None = None, pool_size: int = 10) -> None:
        self._engine = build_engine(url, pool_size)
        self._on_sqlite = self._engine.dialect.name == "sqlite"
        self._hook = hook
        self._writing = asyncio.Lock()

    def __call__(self, *, reads_only: bool = False) -> AbstractAsyncContextManager[SqlUnitOfWork]:
        return self._transaction(reads_only=reads_only)

    async def ping(self) -> None:
        with telling_outages():
            async with self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _transaction(self, *, reads_only: bool) -> AsyncIterator[SqlUnitOfWork]:
        with telling_outages():
            async with AsyncExitStack() as stack:
                if self._on_sqlite and not reads_only:
                    await self._wait_for_the_pen(stack)
                connection = await stack.enter_async_context(self._engine.connect())
                options = (
                    {WRITES: not reads_only}
                    if self._on_sqlite
                    else {"postgresql_readonly": reads_only}
                )
                connection = await connection.execution_options(**options)
                await stack.enter_async_context(connection.begin())
                work = SqlUnitOfWork(connection)
                yield work
                if self._hook and work.leads.saved:
                    await self._hook.before_commit(work.leads.saved)
        if self._hook and work.leads.saved:
            await self._hook.after_commit(work.leads.saved)

    async def _wait_for_the_pen(self, stack: AsyncExitStack) -> None:
        """SQLite has one writer: within a process they queue, as its busy handler is unfair."""
        async with asyncio.timeout(BUSY_SECONDS):
            await self._writing.acquire()
        stack.callback(self._writing.release)
