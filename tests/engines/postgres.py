"""PostgreSQL: a server of our own, its readiness, and fresh databases on any server."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]

from tests.engines.arms import Unavailable, first_of, own_arms
from tests.engines.identity import unprivileged
from tests.engines.programs import POSTGRES
from tests.engines.readiness import server_name
from tests.engines.server import OwnServer, environment

FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class OwnPostgres(OwnServer):
    """A PostgreSQL of our own; unless `durable`, it keeps no promise beyond its own process.

    `settings` are those of its configuration file, as `min_wal_size=1GB`.
    """

    stop_signal: ClassVar[signal.Signals] = signal.SIGINT

    def __init__(self, *settings: str, durable: bool = True, programs: Path | None = None) -> None:
        self._programs = programs or first_of("own PostgreSQL", POSTGRES, own_arms())[1]
        self._options = [
            *(() if durable else FAST),
            *(option for setting in settings for option in ("-c", setting)),
        ]
        super().__init__("postgres", unprivileged())
        self._data = self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        super().start()

    def close(self) -> None:
        self.stop()
        self._free_shared_memory()
        super().close()

    def _make_cluster(self) -> None:
        account = ["--username=postgres", "--auth=trust"]
        kind = ["--encoding=UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [self._programs / "initdb", "--pgdata", self._data, *account, *kind],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=environment(),
            **self._identity,
        )
        if made.returncode != 0:
            raise Unavailable(f"initdb failed: {made.stderr.strip()}")

    def _free_shared_memory(self) -> None:
        """Free what a killed server leaves behind; some systems have no more than 32 segments."""
        lock, ipcrm = self._data / "postmaster.pid", shutil.which("ipcrm")
        if ipcrm and lock.exists():
            for line in lock.read_text().splitlines()[6:7]:
                subprocess.run([ipcrm, "-m", line.split()[1]], check=False, capture_output=True)

    def _command(self) -> list[str | Path]:
        where = ["-D", self._data, "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        return [self._programs / "postgres", *where, *self._options]

    def _ask(self) -> str:
        return version(self.url)


def version(url: str) -> str:
    """The running server's version; Unavailable if it does not answer."""
    return f"PostgreSQL {_value(url, 'SHOW server_version').split()[0]}"


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """The URL of a new, empty database on that server, dropped on leaving."""
    name = f"crm_test_{uuid4().hex[:12]}"
    _value(server_url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        _value(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _value(url: str, sql: str) -> str:
    async def answer() -> str:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return str(await connection.fetchval(sql, timeout=30))
        finally:
            await connection.close(timeout=5)

    # in a thread, since asyncio.run refuses one whose loop runs, and tests of both kinds ask
    with ThreadPoolExecutor(1) as aside:
        try:
            return aside.submit(asyncio.run, answer()).result()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise Unavailable(f"{server_name(url)}: {type(error).__name__} {error}") from error
