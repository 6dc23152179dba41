"""The AI's usage on real databases: the same answers on SQLite and PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from entrypoints.container import System
from tests.contracts.http_ai import CAPS, HttpAiContract
from tests.systems import a_system


class TestAiUsageOnSqlite(HttpAiContract):
    @pytest.fixture
    async def system(self, empty_sqlite_url: str) -> AsyncIterator[System]:
        async with a_system({"DATABASE_URL": empty_sqlite_url, **CAPS}) as system:
            yield system


class TestAiUsageOnPostgresAndRedis(HttpAiContract):
    @pytest.fixture
    async def system(self, empty_postgres_url: str, fresh_redis_url: str) -> AsyncIterator[System]:
        environ = {"DATABASE_URL": empty_postgres_url, "REDIS_URL": fresh_redis_url, **CAPS}
        async with a_system({**environ, "CRM_AI_RATE": "60/minute"}) as system:
            yield system
