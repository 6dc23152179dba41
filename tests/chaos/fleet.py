"""APIs and workers over engines and an AI of their own, each restarted at its place."""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from tests.chaos.balancers import Watch
from tests.engines.postgres import OwnPostgres
from tests.engines.redis import OwnRedis
from tests.fakes.gemini import KEY as GEMINI_KEY
from tests.fakes.gemini import FakeGemini
from tests.fakes.language_model import Mood
from tests.processes import KEY, Process, eventually, free_port, run_program

START_SECONDS = 60.0
"""Processes start slowly on a machine that is full of them."""


@dataclass
class Post:
    """One place in the fleet, at which processes of a kind follow each other."""

    command: str
    environ: Mapping[str, str]
    folder: Path

    def start(self) -> None:
        self.process = Process(self.command, self.environ, self.folder)
        if self.process.port:
            self.process.wait_until_ready(START_SECONDS)
        else:
            eventually((self.folder / f"smart-crm-{self.command}.beat").exists, START_SECONDS)

    def restart(self) -> float:
        """Seconds from SIGTERM until the next process is up."""
        started = time.monotonic()
        assert self.process.stop() == 0, self.process.log.read_text()
        self.start()
        return time.monotonic() - started


@dataclass
class Fleet:
    apis: list[Post]
    workers: list[Post]
    gemini: FakeGemini
    database_url: str

    @property
    def urls(self) -> list[str]:
        return [api.process.url for api in self.apis]

    def rows(self, sql: str) -> list[Any]:
        """What the database itself says."""

        async def fetch() -> list[Any]:
            connection = await asyncpg.connect(self.database_url)
            try:
                return list(await connection.fetch(sql))
            finally:
                await connection.close()

        return asyncio.run(fetch())

    def roll(self, times: int, watch: Watch, chance: random.Random) -> list[float]:
        """Restart an API and a worker at a time; the next when the balancer has the API back."""
        took = []
        with ThreadPoolExecutor() as aside:
            for turn in range(times):
                api, worker = (posts[turn % len(posts)] for posts in (self.apis, self.workers))
                restarts = [aside.submit(api.restart)]
                time.sleep(chance.uniform(0, 1))
                restarts.append(aside.submit(worker.restart))
                took += [restart.result() for restart in restarts]
                eventually(lambda: len(watch.ready) == len(self.apis), START_SECONDS)
        return took


@contextmanager
def a_fleet(
    folder: Path,
    environ: Mapping[str, str],
    *,
    apis: int = 2,
    workers: int = 2,
    ai_seconds: float = 0.3,
) -> Iterator[Fleet]:
    """Engines that nobody kills need not be durable; all is stopped, however the end comes."""
    with ExitStack() as stack:
        database_url = stack.enter_context(OwnPostgres(durable=False)).url
        gemini = stack.enter_context(FakeGemini(mood=Mood(delay=ai_seconds)))
        common = {
            "DATABASE_URL": database_url,
            "REDIS_URL": stack.enter_context(OwnRedis(durable=False)).url,
            "API_SECRET_KEY": KEY,
            "GEMINI_API_KEY": GEMINI_KEY,
            "GEMINI_BASE_URL": gemini.url,
            "CRM_LOG_LEVEL": "warning",
            **environ,
        }
        migrated = run_program("migrate", environ=common, folder=folder)
        assert migrated.returncode == 0, migrated.stderr
        posts = []
        for number, command in enumerate(["api"] * apis + ["worker"] * workers):
            home = folder / f"{command}{number}"
            home.mkdir()
            port = str(free_port()) if command == "api" else ""
            # a folder of its own for each sign of life
            own = {"CRM_PORT": port, "TMPDIR": str(home)}
            posts.append(Post(command, {**common, **own}, home))
            stack.callback(_end, posts[-1])
            posts[-1].start()
        yield Fleet(posts[:apis], posts[apis:], gemini, database_url)


def _end(post: Post) -> None:
    process = getattr(post, "process", None)
    if process is not None and process.popen.poll() is None:
        process.kill()
