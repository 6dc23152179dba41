"""Transactions on PostgreSQL and SQLite: explicit, bounded, and honest about a failing commit."""

from contextlib import AbstractAsyncContextManager
from types import TracebackType

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.databases.sql.ai_budget import SqlAiBudget
from adapters.databases.sql.bulk_summaries import SqlBulkSummaries
from adapters.databases.sql.engine import (
    BUSY_SECONDS,
    CONNECT_SECONDS,
    POOL_SIZE,
    STATEMENT_SECONDS,
    build_engine,
)
from adapters.databases.sql.history import SqlActivities, SqlTimeline
from adapters.databases.sql.intake import SqlIntake
from adapters.databases.sql.leads import SqlLeads
from adapters.databases.sql.receipts import SqlReceipts
from adapters.databases.sql.rejects import SqlRejects
from adapters.databases.sql.staged import SqlStaged
from adapters.databases.sql.summary_runs import SqlSummaryRuns
from adapters.databases.sql.suppressions import SqlSuppressions, SuppressionKey
from adapters.databases.sql.sync_runs import SqlSyncRuns
from adapters.databases.sql.transactions import (
    PostgresTransactions,
    SqliteTransactions,
    Transactions,
)
from application.ports import CommitHook, Probe, UnitOfWork, UnitsOfWork


class SqlUnitOfWork(UnitOfWork):
    """Repositories are made as they are asked for: most transactions need one or two."""

    def __init__(self, connection: AsyncConnection, suppression_key: SuppressionKey) -> None:
        self._connection = connection
        self._suppression_key = suppression_key
        self._leads = SqlLeads(connection)

    @property
    def leads(self) -> SqlLeads:
        return self._leads

    @property
    def intake(self) -> SqlIntake:
        return SqlIntake(self._connection, self._leads, self.suppressed, self.timeline)

    @property
    def summary_runs(self) -> SqlSummaryRuns:
        return SqlSummaryRuns(self._connection)

    @property
    def sync_runs(self) -> SqlSyncRuns:
        return SqlSyncRuns(self._connection)

    @property
    def rejects(self) -> SqlRejects:
        return SqlRejects(self._connection)

    @property
    def staged(self) -> SqlStaged:
        return SqlStaged(self._connection)

    @property
    def timeline(self) -> SqlTimeline:
        return SqlTimeline(self._connection)

    @property
    def activities(self) -> SqlActivities:
        return SqlActivities(self._connection)

    @property
    def receipts(self) -> SqlReceipts:
        return SqlReceipts(self._connection)

    @property
    def bulk_summaries(self) -> SqlBulkSummaries:
        return SqlBulkSummaries(self._connection)

    @property
    def ai_budget(self) -> SqlAiBudget:
        return SqlAiBudget(self._connection)

    @property
    def suppressed(self) -> SqlSuppressions:
        return SqlSuppressions(self._connection, self._suppression_key)


class _Work(AbstractAsyncContextManager[SqlUnitOfWork]):
    """One transaction, of which the hook is told around its commit."""

    __slots__ = ("_connection", "_hook", "_key", "_transactions", "_work", "_writes")

    def __init__(
        self,
        transactions: Transactions,
        suppression_key: SuppressionKey,
        hook: CommitHook | None,
        *,
        writes: bool,
    ) -> None:
        self._transactions = transactions
        self._key = suppression_key
        self._hook = hook
        self._writes = writes

    async def __aenter__(self) -> SqlUnitOfWork:
        self._connection = await self._transactions.begin(writes=self._writes)
        self._work = SqlUnitOfWork(self._connection, self._key)
        return self._work

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        leads, hook = self._work.leads, self._hook
        try:
            if error is None:
                if hook and leads.saved:
                    await hook.before_commit(list(leads.saved.values()))
                await self._transactions.commit(self._connection)
        finally:
            await self._transactions.leave(self._connection)
        if hook and self._writes and leads.held and error is None:
            await hook.after_commit(list(leads.held.values()))


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
        on_sqlite = self._engine.dialect.name == "sqlite"
        self._transactions: Transactions = (
            SqliteTransactions(self._engine, connect_seconds, busy_seconds)
            if on_sqlite
            else PostgresTransactions(self._engine, pool_size, connect_seconds)
        )
        self._hook = hook
        self._suppression_key = SuppressionKey()

    def __call__(self, *, reads_only: bool = False) -> AbstractAsyncContextManager[SqlUnitOfWork]:
        return _Work(self._transactions, self._suppression_key, self._hook, writes=not reads_only)

    async def ping(self) -> None:
        connection = await self._transactions.begin(writes=False)
        try:
            await connection.execute(text("SELECT 1"))
        finally:
            await self._transactions.leave(connection)

    async def warm_up(self) -> None:
        """Connect as often as the pool allows: new connections are slow to come in a crowd."""
        await self._transactions.warm_up()

    async def close(self) -> None:
        await self._transactions.close()
        await self._engine.dispose()
