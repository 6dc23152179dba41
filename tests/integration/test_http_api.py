"""The API's promises on real databases: the same answers on SQLite and PostgreSQL."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from adapters.databases.sql.schema import upgrade
from entrypoints.container import System
from tests.contracts.http_api import HttpApiContract
from tests.systems import a_system


@pytest.fixture(scope="module")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="module")
def migrated_database(new_database: Callable[[], str]) -> str:
    url = new_database()
    asyncio.run(upgrade(url))
    return url


class TestApiOnSqlite(HttpApiContract):
    @pytest.fixture
    async def system(self, migrated_file: Path, tmp_path: Path) -> AsyncIterator[System]:
        path = shutil.copy(migrated_file, tmp_path / "crm.db")
        async with a_system({"DATABASE_URL": f"sqlite:///{path}"}) as system:
            yield system


class TestApiOnPostgresAndRedis(HttpApiContract):
    @pytest.fixture
    async def system(self, migrated_database: str, fresh_redis_url: str) -> AsyncIterator[System]:
        connection = await asyncpg.connect(migrated_database)
        await connection.execute("TRUNCATE leads, summary_runs, sync_runs")
        await connection.close()
        environ = {"DATABASE_URL": migrated_database, "REDIS_URL": fresh_redis_url}
        async with a_system(environ) as system:
            yield system
