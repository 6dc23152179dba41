"""Rejected rows on real databases: the same on SQLite and PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from entrypoints.container import System
from tests.contracts.http_rejects import HttpRejectsContract
from tests.systems import a_system


class TestRejectsOnSqlite(HttpRejectsContract):
    @pytest.fixture
    async def system(self, empty_sqlite_url: str) -> AsyncIterator[System]:
        async with a_system({"DATABASE_URL": empty_sqlite_url}) as system:
            yield system


class TestRejectsOnPostgresAndRedis(HttpRejectsContract):
    @pytest.fixture
    async def system(self, empty_postgres_url: str, fresh_redis_url: str) -> AsyncIterator[System]:
        environ = {"DATABASE_URL": empty_postgres_url, "REDIS_URL": fresh_redis_url}
        async with a_system(environ) as system:
            yield system
