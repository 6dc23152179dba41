"""Leads to measure with: many, made by the database itself, each found by its number."""

from datetime import UTC, datetime

import asyncpg  # type: ignore[import-untyped]

ID = "01900000-0000-7000-8000-"
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
"""When the lead with the number 0 was created; each further one a second later."""
PATH = f"/leads/{ID}{{id}}"
"""Of the lead by its number in twelve hexadecimal digits."""

FILL = """
    INSERT INTO leads (
        id, name, email, email_key, phone, company, job_title, notes, status, source,
        summary_status, created_at, updated_at, version, name_key, search_text
    )
    SELECT
        ($1 || lpad(to_hex(n), 12, '0'))::uuid, 'Ada Lovelace ' || n,
        'lead' || n || '@example.com', 'lead' || n || '@example.com', '+44 20 7946 0958',
        'Analytical Engines', 'Head of Sales', 'Asked for a demo, decides in March.',
        'new', CASE WHEN n % 3 = 0 THEN 'manual' ELSE 'randomuser' END, 'none',
        $4::timestamptz + n * '1 second'::interval,
        $4::timestamptz + n * '1 second'::interval,
        1, 'ada lovelace ' || n,
        'ada lovelace ' || n || E'\\nlead' || n || E'@example.com\\nanalytical engines'
    FROM generate_series($2::int, $3::int) AS n
"""


async def fill(url: str, first: int, count: int) -> None:
    """Leads with these numbers, one created each second, and the planner told of them."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(FILL, ID, first, first + count - 1, BEGAN)
        await connection.execute("VACUUM ANALYZE leads")
    finally:
        await connection.close()


async def table_bytes(url: str) -> int:
    """Of the table with all its indexes."""
    connection = await asyncpg.connect(url)
    try:
        size: int = await connection.fetchval("SELECT pg_total_relation_size('leads')")
        return size
    finally:
        await connection.close()
