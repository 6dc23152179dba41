"""Bare COPY of ready rows into the table of leads, with all its indexes."""

import time
from datetime import timedelta
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]

from bench.leads import BEGAN

COLUMNS = (
    "id", "name", "email", "email_key", "status", "source", "summary_status", "created_at",
    "updated_at", "version", "name_key", "search_text",
)  # fmt: skip


async def copied(database: str, first: int, count: int) -> float:
    """Rows a second, the commit included; the numbers keep their keys apart."""
    rows = [_row(number) for number in range(first, first + count)]
    connection = await asyncpg.connect(database)
    try:
        began = time.perf_counter()
        await connection.copy_records_to_table("leads", records=rows, columns=COLUMNS)
        return count / (time.perf_counter() - began)
    finally:
        await connection.close()


def _row(number: int) -> tuple[object, ...]:
    name, email = f"Ada Lovelace {number}", f"copied{number}@example.com"
    at = BEGAN + timedelta(seconds=number)
    key = name.lower()
    searched = f"{key}\n{email}\n"
    return (
        UUID(int=number), name, email, email, "new", "import", "none", at, at, 1, key, searched,
    )  # fmt: skip
