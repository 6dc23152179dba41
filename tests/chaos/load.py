"""Leads and summaries asked for at a steady rate, whatever becomes of the answers."""

import asyncio
import json
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.bad_requests import TELLING
from tests.chaos.connection import Connection
from tests.processes import KEY

ANSWER_SECONDS = 20.0


@dataclass
class Load:
    """What was sent and what came back; each request brings a connection of its own.

    Of a hundred requests, 15 create a lead, 5 ask for a summary, 70 read a lead, 10 the list.
    """

    base: Callable[[], str]
    """The URL to send the next request to."""
    rate: float
    """Requests a second."""
    chance: random.Random
    answers: Counter[str] = field(default_factory=Counter)
    """How many of each status, or of each error where no whole answer came."""
    failures: list[str] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    """Ids that were acknowledged."""
    seconds: float = 0.0
    """From the first request until the last answer."""
    _unsummarized: deque[str] = field(default_factory=deque)

    @property
    def sent(self) -> int:
        return self.answers.total()

    async def run(self, stopping: threading.Event) -> None:
        """Send on time until told to stop, then wait for the answers that are due."""
        started, number = time.monotonic(), 0
        async with asyncio.TaskGroup() as group:
            while not stopping.is_set():
                while number < (time.monotonic() - started) * self.rate:
                    number += 1
                    group.create_task(self._request(number))
                await asyncio.sleep(1 / self.rate)
        self.seconds = time.monotonic() - started

    async def _request(self, number: int) -> None:
        kind = self.chance.random()
        if kind < 0.15 or not self.leads:
            lead = {**TELLING, "email": f"ada-{number}@example.com"}
            if created := await self._send("POST", "/leads", 201, lead):
                self.leads.append(created["id"])
                self._unsummarized.append(created["id"])
        elif kind < 0.2 and self._unsummarized:
            path = f"/leads/{self._unsummarized.popleft()}/summarize"
            if asked := await self._send("POST", path, 202):
                self.runs.append(asked["run_id"])
        elif kind < 0.9:
            await self._send("GET", f"/leads/{self.chance.choice(self.leads)}", 200)
        else:
            await self._send("GET", "/leads?limit=5", 200)

    async def _send(self, method: str, path: str, wanted: int, body: Any = None) -> Any:
        """What was answered, if it came whole and with the status that was wanted."""
        base = self.base()
        try:
            async with asyncio.timeout(ANSWER_SECONDS), Connection(base, KEY) as connection:
                if method == "POST":
                    status, text = await connection.post(path, body)
                else:
                    status, text = await connection.get(path)
        except (OSError, EOFError, ValueError) as error:
            self._count(type(error).__name__, f"{method} {base}{path}: {error!r}")
            return None
        if status != wanted:
            self._count(str(status), f"{method} {base}{path}: {status} {text[:200]!r}")
            return None
        self._count(str(status), None)
        return json.loads(text)

    def _count(self, answer: str, failure: str | None) -> None:
        self.answers[answer] += 1
        if failure:
            self.failures.append(failure)


@contextmanager
def under_load(base: Callable[[], str], rate: float, seed: int) -> Iterator[Load]:
    """Load from a thread of its own for as long as the block lasts."""
    load, stopping = Load(base, rate, random.Random(seed)), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(load.run(stopping)), daemon=True)
    thread.start()
    try:
        yield load
    finally:
        stopping.set()
        thread.join(60)
