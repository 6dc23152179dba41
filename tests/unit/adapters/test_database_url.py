"""Database URLs as people have them become URLs with our drivers."""

import pytest

from adapters.databases.sql.engine import database_url


@pytest.mark.parametrize(
    ("given", "driven"),
    [
        ("sqlite:///var/crm.db", "sqlite+aiosqlite:///var/crm.db"),
        ("sqlite:////srv/crm.db", "sqlite+aiosqlite:////srv/crm.db"),
        ("postgres://u:p@db/crm", "postgresql+asyncpg://u:p@db/crm"),
        ("postgresql://u@db:5433/crm", "postgresql+asyncpg://u@db:5433/crm"),
        ("postgresql://u:p%40ss@db/crm", "postgresql+asyncpg://u:p%40ss@db/crm"),
        ("postgresql://db/crm?sslmode=require", "postgresql+asyncpg://db/crm?ssl=require"),
    ],
)
def test_the_driver_is_ours_to_add(given: str, driven: str) -> None:
    assert database_url(given).render_as_string(hide_password=False) == driven
