"""A PostgreSQL and a Redis of the bench's own, and databases on them, alike for both sides."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

from adapters.databases.sql.schema import upgrade
from bench.leads import fill
from tests.engines.postgres import OwnPostgres, fresh_database
from tests.engines.redis import OwnRedis, flush


@dataclass(frozen=True, slots=True)
class Engines:
    """PostgreSQL commits to the disk, Redis keeps an append-only file: as in production.

    The two databases on the one server hold the same leads, if they are two.
    """

    postgres: OwnPostgres
    redis: OwnRedis
    database: str
    bare_database: str

    @property
    def environ(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database, "REDIS_URL": self.redis.url}

    async def forget_jobs(self) -> None:
        """No worker runs, so that bells would pile up."""
        flush(self.redis.url)

    @property
    def pids(self) -> dict[str, int]:
        return {"PostgreSQL": self.postgres.pid, "Redis": self.redis.pid}


@asynccontextmanager
async def engines(leads: int, *, databases: int = 1) -> AsyncIterator[Engines]:
    """With so many leads; two databases where each side writes into one of its own."""
    with ExitStack() as stack:
        postgres = stack.enter_context(OwnPostgres())
        redis = stack.enter_context(OwnRedis())
        urls = [stack.enter_context(fresh_database(postgres.url)) for _ in range(databases)]
        for url in urls:
            await upgrade(url)
            await fill(url, 0, leads)
        yield Engines(postgres, redis, urls[0], urls[-1])
