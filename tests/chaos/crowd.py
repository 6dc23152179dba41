"""Clients of several APIs who know below which version no later read of a lead may fall."""

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from tests.bad_requests import TELLING
from tests.chaos.connection import Connection

READS, SUMMARIES, REQUEUES, NEW_LEADS = 880, 90, 20, 10
"""How often each happens in a thousand operations."""
Trouble: TypeAlias = Callable[[], Awaitable[None]]


@dataclass
class Floors:
    """What was acknowledged and what was seen of each lead, and the reads that showed less.

    Versions are known from answers alone: a run that is opened, by a requeue too, is a version,
    and so is its end, which comes before the next one opens.
    """

    bound: float = 0.0
    """Seconds by which a read may fall behind what was acknowledged."""
    acknowledged: dict[str, list[tuple[float, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By lead, when each version was, oldest first."""
    seen: Counter[str] = field(default_factory=Counter)
    stale: list[str] = field(default_factory=list)
    """Reads that showed less than a write that was acknowledged before they began."""
    backward: list[str] = field(default_factory=list)
    """Reads that showed less than a read that had ended before they began."""
    _opened: dict[str, set[object]] = field(default_factory=lambda: defaultdict(set))

    def created(self, lead: str) -> None:
        self._acknowledge(lead, 1)

    def opened(self, lead: str, run: object) -> None:
        self._opened[lead].add(run)
        self._acknowledge(lead, 2 * len(self._opened[lead]))

    def reading(self, lead: str) -> Callable[[int], None]:
        """Call it when a read begins, and what it returns with the version that was shown."""
        by_then = time.monotonic() - self.bound
        acknowledged = max(
            (version for at, version in self.acknowledged[lead] if at <= by_then), default=0
        )
        seen = self.seen[lead]

        def shown(version: int) -> None:
            if version < acknowledged:
                self.stale.append(f"version {version} of {lead}, after {acknowledged}")
            if version < seen:
                self.backward.append(f"version {version} of {lead}, after {seen}")
            self.seen[lead] = max(version, self.seen[lead])

        return shown

    def _acknowledge(self, lead: str, version: int) -> None:
        self.acknowledged[lead].append((time.monotonic(), version))


class Crowd:
    """Few leads are hot: half of all that happens is about the first, a sixth about the second."""

    def __init__(
        self, urls: Sequence[str], key: str, chance: random.Random, bound: float = 0.0
    ) -> None:
        self.floors = Floors(bound)
        self.done: Counter[str] = Counter()
        self._urls, self._key, self._chance = urls, key, chance
        self._numbers = count()
        self._leads: list[str] = []
        self._runs: dict[str, str] = {}

    async def run(
        self, operations: int, clients: int, trouble: Trouble, trouble_every: int
    ) -> None:
        """So many operations by so many clients at once, with trouble every so many of them."""
        turns = iter(range(operations))
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(self._work(turns, trouble, trouble_every))

    async def cache_reads(self) -> Counter[str]:
        """The reads through the cache of all APIs, by result."""
        reads: Counter[str] = Counter()
        for url in self._urls:
            async with Connection(url, self._key) as api:
                _, metrics = await api.get("/metrics")
            for line in metrics.decode().splitlines():
                if line.startswith("smart_crm_cache_reads_total"):
                    reads[line.split('"')[1]] += int(float(line.split()[1]))
        return reads

    async def _work(self, turns: Iterator[int], trouble: Trouble, trouble_every: int) -> None:
        kinds = [self._read, self._summarize, self._requeue, self._create]
        async with AsyncExitStack() as stack:
            apis = [
                await stack.enter_async_context(Connection(url, self._key)) for url in self._urls
            ]
            await self._create(apis[0])
            for turn in turns:
                if turn % trouble_every == trouble_every - 1:
                    await trouble()
                [kind] = self._chance.choices(kinds, [READS, SUMMARIES, REQUEUES, NEW_LEADS])
                await kind(self._chance.choice(apis))

    def _some_lead(self) -> str:
        rank = int(self._chance.paretovariate(1))
        return self._leads[min(rank, len(self._leads)) - 1]

    async def _read(self, api: Connection) -> None:
        lead = self._some_lead()
        shown = self.floors.reading(lead)
        status, body = await api.get(f"/leads/{lead}")
        assert status in {200, 404}, body
        shown(json.loads(body)["version"] if status == 200 else 0)
        self.done["read"] += 1

    async def _summarize(self, api: Connection) -> None:
        lead = self._some_lead()
        status, body = await api.post(f"/leads/{lead}/summarize?force=true")
        assert status == 202, body
        self._runs[lead] = run = json.loads(body)["run_id"]
        self.floors.opened(lead, run)
        self.done["summarize"] += 1

    async def _requeue(self, api: Connection) -> None:
        if not self._runs:
            await self._summarize(api)
            return
        lead, run = self._chance.choice(list(self._runs.items()))
        status, body = await api.post(f"/leads/{lead}/summaries/{run}/requeue")
        assert status in {202, 409}, body
        if status == 202:
            self.floors.opened(lead, (run, next(self._numbers)))
        self.done["requeue" if status == 202 else "requeue of an open run"] += 1

    async def _create(self, api: Connection) -> None:
        body = {**TELLING, "email": f"lead{next(self._numbers)}@example.com"}
        status, answer = await api.post("/leads", body)
        assert status == 201, answer
        lead: str = json.loads(answer)["id"]
        self.floors.created(lead)
        self._leads.append(lead)
        self.done["create"] += 1
