"""Which PostgreSQL and which Redis the tests run on: each picks its own arm."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.engines import postgres, redis
from tests.engines.arms import Unavailable, arms, first_of
from tests.engines.containers import postgres_container, redis_container
from tests.engines.postgres import OwnPostgres
from tests.engines.programs import POSTGRES, REDIS
from tests.engines.redis import OwnRedis


@dataclass(frozen=True)
class Engine:
    """A server that answers, and the arm that led to it."""

    url: str
    version: str
    arm: str

    def __str__(self) -> str:
        return f"{self.version} ({self.arm})"


def postgres_engine() -> AbstractContextManager[Engine]:
    """The PostgreSQL of this run, stopped on leaving if it was started here."""
    return _engine(
        "PostgreSQL",
        "TEST_DATABASE_URL",
        version=postgres.version,
        container=postgres_container,
        own=OwnPostgres,
        programs=POSTGRES,
    )


def redis_engine() -> AbstractContextManager[Engine]:
    """The Redis of this run, stopped on leaving if it was started here."""
    return _engine(
        "Redis",
        "TEST_REDIS_URL",
        version=redis.version,
        container=redis_container,
        own=OwnRedis,
        programs=REDIS,
    )


@contextmanager
def _engine(
    what: str,
    variable: str,
    *,
    version: Callable[[str], str],
    container: Callable[[], AbstractContextManager[str]],
    own: type[OwnPostgres] | type[OwnRedis],
    programs: Mapping[str, Callable[[], Path]],
) -> Iterator[Engine]:
    with ExitStack() as stack:

        def named() -> str:
            url = os.environ.get(variable, "").replace("postgres://", "postgresql://")
            if not url:
                raise Unavailable(f"{variable} is not set")
            version(url)
            return url

        def started(arm: str) -> str:
            return stack.enter_context(own(durable=False, programs=programs[arm]())).url

        ways: dict[str, Callable[[], str]] = {
            "env": named,
            "containers": lambda: stack.enter_context(container()),
            "binaries": lambda: started("binaries"),
            "wheels": lambda: started("wheels"),
        }
        arm, url = first_of(what, ways, arms(variable))
        yield Engine(url, version(url), arm)
