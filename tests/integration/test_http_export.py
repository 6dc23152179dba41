"""Exports on real databases: the same files from SQLite and PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from entrypoints.container import System
from tests.contracts.http_export import HttpExportContract
from tests.systems import a_system


class TestExportOnSqlite(HttpExportContract):
    @pytest.fixture
    async def system(self, empty_sqlite_url: str) -> AsyncIterator[System]:
        async with a_system({"DATABASE_URL": empty_sqlite_url}) as system:
            yield system


class TestExportOnPostgresAndRedis(HttpExportContract):
    @pytest.fixture
    async def system(self, empty_postgres_url: str, fresh_redis_url: str) -> AsyncIterator[System]:
        environ = {"DATABASE_URL": empty_postgres_url, "REDIS_URL": fresh_redis_url}
        async with a_system(environ) as system:
            yield system
