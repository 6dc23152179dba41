"""Transactions on PostgreSQL and SQLite: explicit, bounded, and honest about a failing commit."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.ai_budget import SqlAiBudget
from adapters.databases.sql.bulk_summaries import SqlBulkSummaries
from adapters.databases.sql.engine import (
    BUSY_SECONDS,
    CONNECT_SECONDS,
    POOL_SIZE,
    STATEMENT_SECONDS,
    WRITES,
    build_engine,
)
from adapters.databases.sql.history import SqlActivities, SqlTimeline
from adapters.databases.sql.leads import SqlLeads
from adapters.databases.sql.outages import connected
from adapters.databases.sql.receipts import SqlReceipts
from adapters.databases.sql.rejects import SqlRejects
from adapters.databases.sql.staged import SqlStaged
from adapters.databases.sql.summary_runs import SqlSummaryRuns
from adapters.databases.sql.suppressions import SqlSuppressions, SuppressionKey
from adapters.databases.sql.sync_runs import SqlSyncRuns
from application.ports import CommitHook, Probe, UnitOfWork, UnitsOfWork
from domain.errors import DatabaseUnavailable


class SqlUnitOfWork(UnitOfWork):
    def __init__(self, connection: AsyncConnection, suppression_key: SuppressionKey) -> None:
        self._leads = SqlLeads(connection)
        self._summary_runs = SqlSummaryRuns(connection)
        self._sync_runs = SqlSyncRuns(connection)
        self._rejects = SqlRejects(connection)
        self._staged = SqlStaged(connection)
        self._timeline = SqlTimeline(connection)
        self._activities = SqlActivities(connection)
        self._receipts = SqlReceipts(connection)
        self._bulk_summaries = SqlBulkSummaries(connection)
        self._ai_budget = SqlAiBudget(connection)
        self._suppressed = SqlSuppressions(connection, suppression_key)

    @property
    def leads(self) -> SqlLeads:
        return self._leads

    @property
    def summary_runs(self) -> SqlSummaryRuns:
        return self._summary_runs

    @property
    def sync_runs(self) -> SqlSyncRuns:
        return self._sync_runs

    @property
    def rejects(self) -> SqlRejects:
        return self._rejects

    @property
    def staged(self) -> SqlStaged:
        return self._staged

    @property
    def timeline(self) -> SqlTimeline:
        return self._timeline

    @property
    def activities(self) -> SqlActivities:
        return self._activities

    @property
    def receipts(self) -> SqlReceipts:
        return self._receipts

    @property
    def bulk_summaries(self) -> SqlBulkSummaries:
        return self._bulk_summaries

    @property
    def ai_budget(self) -> SqlAiBudget:
        return self._ai_budget

    @property
    def suppressed(self) -> SqlSuppressions:
        return self._suppressed


class SqlDatabase(UnitsOfWork, Probe):
    """`url` names the database, `hook` is told of replaced leads around each commit.

    The seconds bound, in turn: getting a connection, one statement on PostgreSQL, and
    waiting for other writers of a SQLite file, in this process and in others.
    """

    def __init__(
        self,
        url: str,
        hook: CommitHook | None = None,
        pool_size: int = POOL_SIZE,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        statement_seconds: float = STATEMENT_SECONDS,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self._engine = build_engine(
            url,
            pool_size,
            connect_seconds=connect_seconds,
            statement_seconds=statement_seconds,
            busy_seconds=busy_seconds,
        )
        self._hook = hook
        self._pool_size = pool_size
        self._connect_seconds = connect_seconds
        self._busy_seconds = busy_seconds
        self._on_sqlite = self._engine.dialect.name == "sqlite"
        self._writing = asyncio.Lock()
        self._suppression_key = SuppressionKey()

    def __call__(self, *, reads_only: bool = False) -> AbstractAsyncContextManager[SqlUnitOfWork]:
        return self._reading() if reads_only else self._written()

    async def ping(self) -> None:
        async with connected(self._engine, self._connect_seconds) as connection:
            await connection.execute(text("SELECT 1"))

    async def warm_up(self) -> None:
        """Connect as often as the pool allows: new connections are slow to come in a crowd."""
        async with AsyncExitStack() as stack:
            waiting = (
                stack.enter_async_context(connected(self._engine, self._connect_seconds))
                for _ in range(self._pool_size)
            )
            await asyncio.gather(*waiting)

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[SqlUnitOfWork]:
        # each statement of a PostgreSQL transaction sees what is committed by then: without
        # BEGIN and COMMIT it sees the same, in a third of the round trips
        options = {} if self._on_sqlite else {"isolation_level": "AUTOCOMMIT"}
        async with self._transaction(options) as connection:
            yield SqlUnitOfWork(connection, self._suppression_key)

    @asynccontextmanager
    async def _written(self) -> AsyncIterator[SqlUnitOfWork]:
        turn = self._turn() if self._on_sqlite else nullcontext()
        async with turn, self._transaction({WRITES: True}) as connection:
            work = SqlUnitOfWork(connection, self._suppression_key)
            yield work
            saved = list(work.leads.saved.values())
            if self._hook and saved:
                await self._hook.before_commit(saved)
        if self._hook and work.leads.held:
            await self._hook.after_commit(list(work.leads.held.values()))

    @asynccontextmanager
    async def _transaction(self, options: Mapping[str, Any]) -> AsyncIterator[AsyncConnection]:
        async with connected(self._engine, self._connect_seconds) as connection:
            await connection.execution_options(**options)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """SQLite has one writer: within a process they queue, as its busy handler is unfair."""
        try:
            # a crowd in this process moves on, unlike a lock that another process forgot
            async with asyncio.timeout(self._busy_seconds * 2):
                await self._writing.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable("too many writers wait for their turn") from error
        try:
            yield
        finally:
            self._writing.release()
