"""The columns that our own statements read and write, bare."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import msgspec

from adapters.databases.sql.engine import POOL_SIZE

SHOWN = (
    "id", "name", "email", "phone", "company", "job_title", "notes", "status", "source",
    "external_id", "summary", "next_action", "summary_status", "summarized_at",
    "created_at", "updated_at", "version",
)  # fmt: skip
READ = (*SHOWN, "insight", "basis", "email_key", "activities", "stage_moves", "deleted_at")
"""What we read of a lead: more than is shown, as it also says whether the summary is stale."""
SELECT = f"SELECT {', '.join(READ)} FROM leads WHERE deleted_at IS NULL"  # noqa: S608 - our own names


class Lead(msgspec.Struct, frozen=True):
    """A lead as our API shows it, of one that was not summarised yet."""

    id: UUID
    name: str
    email: str
    phone: str | None
    company: str | None
    job_title: str | None
    notes: str | None
    status: str
    source: str
    external_id: str | None
    summary: str | None
    next_action: str | None
    summary_status: str
    summarized_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    insight: msgspec.Raw | None = None
    stale: bool = False
    stale_because: tuple[str, ...] = ()


def lead_of(row: Any) -> Lead:
    insight = row["insight"]
    values = (*row[: len(SHOWN)], msgspec.Raw(insight.encode()) if insight else None)
    return Lead(*values)


class Prepared:
    """One statement, prepared on as many connections as our own pool has.

    asyncpg's own pool would take as much CPU again as the whole rest of a read: this one only
    hands out who is free.
    """

    def __init__(self) -> None:
        self._free: asyncio.LifoQueue[Any] = asyncio.LifoQueue()

    def add(self, statement: Any) -> None:
        self._free.put_nowait(statement)

    async def fetch(self, *values: object) -> list[Any]:
        """The rows; what the database refuses is raised as asyncpg has it."""
        statement = await self._free.get()
        try:
            rows: list[Any] = await statement.fetch(*values)
            return rows
        finally:
            self._free.put_nowait(statement)


@asynccontextmanager
async def prepared(database: str, sql: str) -> AsyncIterator[Prepared]:
    statements = Prepared()
    async with AsyncExitStack() as stack:
        for _ in range(POOL_SIZE):
            connection = await asyncpg.connect(database)
            stack.push_async_callback(connection.close)
            statements.add(await connection.prepare(sql))
        yield statements
