"""The columns that our own statements read and write, bare."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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


async def _nothing_to_reset(_: object) -> None:
    """No handler leaves anything behind on its connection, so no round trip is made to say so."""


@asynccontextmanager
async def pool_of(database: str) -> AsyncIterator[Any]:
    """As many connections as our own pool has; each keeps its prepared statements."""
    sizes = {"min_size": POOL_SIZE, "max_size": POOL_SIZE, "max_queries": 10**9}
    async with asyncpg.create_pool(database, reset=_nothing_to_reset, **sizes) as pool:
        yield pool
