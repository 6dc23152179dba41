"""Redis: a server of our own, its readiness, and how it is emptied."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, cast

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.engines.arms import Unavailable, first_of, own_arms
from tests.engines.identity import OURSELVES
from tests.engines.programs import REDIS
from tests.engines.readiness import server_name
from tests.engines.server import OwnServer


class OwnRedis(OwnServer):
    """A Redis (or Valkey) of our own; unless `durable`, it has no append-only file and forgets."""

    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, *, durable: bool = True, programs: Path | None = None) -> None:
        self._program = programs or first_of("own Redis", REDIS, own_arms())[1]
        self._durable = durable
        super().__init__("redis", OURSELVES)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _command(self) -> list[str | Path]:
        address = ["--bind", "127.0.0.1", "--port", str(self.port)]
        memory = ["--save", "", "--appendonly", "yes" if self._durable else "no"]
        return [self._program, *address, *memory, "--dir", self.folder]

    def _ask(self) -> str:
        return version(self.url)


def version(url: str) -> str:
    """The running server's name and version; Unavailable if it does not answer."""
    with _client(url) as client:
        told = cast("dict[str, Any]", client.info("server"))
    if told.get("server_name") == "valkey":
        return f"Valkey {told['valkey_version']}"
    return f"Redis {told['redis_version']}"


def flush(url: str) -> None:
    """Empty the one database the URL names; its neighbours on the server may be somebody's."""
    with _client(url) as client:
        client.flushdb()


@contextmanager
def _client(url: str) -> Iterator[Redis]:
    """A client that fails at once, while the default one goes on trying for seconds."""
    client = Redis.from_url(
        url, socket_connect_timeout=5, socket_timeout=5, retry=Retry(NoBackoff(), 0)
    )
    try:
        with client:
            yield client
    except (RedisError, OSError) as error:
        raise Unavailable(f"{server_name(url)}: {type(error).__name__} {error}") from error
