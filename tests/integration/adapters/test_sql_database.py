"""PostgreSQL and SQLite keep every database's promises."""

from collections.abc import AsyncIterator

import pytest

from adapters.databases.sql.unit_of_work import SqlDatabase
from tests.contracts.databases import DatabaseContract
from tests.contracts.databases.recording import RecordingHook


@pytest.fixture
def hook() -> RecordingHook:
    return RecordingHook()


class TestSqlite(DatabaseContract):
    adapter = "databases.sql"

    @pytest.fixture
    async def database(
        self, empty_sqlite_url: str, hook: RecordingHook
    ) -> AsyncIterator[SqlDatabase]:
        database = SqlDatabase(empty_sqlite_url, hook)
        yield database
        await database.close()


class TestPostgres(DatabaseContract):
    adapter = "databases.sql"

    @pytest.fixture
    async def database(
        self, empty_postgres_url: str, hook: RecordingHook
    ) -> AsyncIterator[SqlDatabase]:
        database = SqlDatabase(empty_postgres_url, hook)
        yield database
        await database.close()
