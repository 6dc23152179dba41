"""The engines as fixtures: nothing is found or started before a test asks for it."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from adapters.databases.sql.schema import upgrade
from tests.engines.arms import Unavailable
from tests.engines.choice import Engine, postgres_engine, redis_engine
from tests.engines.found import tell
from tests.engines.postgres import OwnPostgres, fresh_database
from tests.engines.redis import OwnRedis, flush


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The administrative database of a real PostgreSQL."""
    with ExitStack() as stack:
        yield _found(pytestconfig, stack, postgres_engine())


@pytest.fixture(scope="session")
def new_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Call it for the URL of a new, empty database; all are dropped at the end of the run."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(fresh_database(postgres_url))


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """A new, empty database for one test."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres_url(new_database: Callable[[], str]) -> str:
    """One database with our schema for the whole run, as the test before left it."""
    url = new_database()
    asyncio.run(upgrade(url))
    return url


@pytest.fixture
async def empty_postgres_url(migrated_postgres_url: str) -> str:
    """A PostgreSQL database with our schema and no rows."""
    connection = await asyncpg.connect(migrated_postgres_url)
    await connection.execute(
        "TRUNCATE leads, sync_runs, staged_chunks, receipts, ai_days, ai_usage, suppressed CASCADE"
    )
    await connection.close()
    return migrated_postgres_url


@pytest.fixture(scope="session")
def migrated_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
def empty_sqlite_url(migrated_sqlite_file: Path, tmp_path: Path) -> str:
    """A SQLite file with our schema and no rows."""
    return f"sqlite:///{shutil.copy(migrated_sqlite_file, tmp_path / 'crm.db')}"


@pytest.fixture(params=["empty_sqlite_url", "empty_postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    """Each of our databases, with our schema and no rows."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture(scope="session")
def redis_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """A real Redis, as the test before left it."""
    with ExitStack() as stack:
        yield _found(pytestconfig, stack, redis_engine())


@pytest.fixture
def fresh_redis_url(redis_url: str) -> str:
    """A real Redis with nothing in it."""
    flush(redis_url)
    return redis_url


@pytest.fixture
def own_postgres() -> Iterator[OwnPostgres]:
    """A durable PostgreSQL for one test, which may stop, kill and restart it."""
    with OwnPostgres() as server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    """A durable Redis for one test, which may stop, kill and restart it."""
    with OwnRedis() as server:
        yield server


def _found(config: pytest.Config, stack: ExitStack, engine: AbstractContextManager[Engine]) -> str:
    try:
        found = stack.enter_context(engine)
    except Unavailable as why:
        raise pytest.fail.Exception(str(why), pytrace=False) from None
    tell(config, str(found))
    return found.url
