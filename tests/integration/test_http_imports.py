"""Imports on real databases: the same counts from SQLite and PostgreSQL."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from entrypoints.container import System
from tests.contracts.http_imports import (
    CSV,
    NDJSON,
    HttpImportsContract,
    counts_of,
    csv_of,
    exact,
    imported,
    ndjson,
    rows_of,
)
from tests.systems import a_client, a_system

ROWS = 20_000


@pytest.fixture(params=["empty_sqlite_url", "empty_postgres_url"])
def environ(request: pytest.FixtureRequest) -> dict[str, str]:
    return {"DATABASE_URL": request.getfixturevalue(request.param)}


@pytest.mark.parametrize(("written", "headers"), [(ndjson, NDJSON), (csv_of, CSV)])
async def test_twenty_thousand_rows_are_counted(
    environ: dict[str, str], written: Any, headers: dict[str, str]
) -> None:
    async with (
        a_system(environ) as system,
        a_client(system) as client,
    ):
        run = await imported(client, system, written(rows_of(ROWS)), headers)

    assert counts_of(run) == exact(ROWS)


class TestImportsOnSqlite(HttpImportsContract):
    @pytest.fixture
    async def system(self, empty_sqlite_url: str) -> AsyncIterator[System]:
        async with a_system({"DATABASE_URL": empty_sqlite_url}) as system:
            yield system


class TestImportsOnPostgres(HttpImportsContract):
    @pytest.fixture
    async def system(self, empty_postgres_url: str) -> AsyncIterator[System]:
        async with a_system({"DATABASE_URL": empty_postgres_url}) as system:
            yield system
