"""What an import takes from who is not importing: memory of its worker, and time of requests."""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeAlias

import asyncpg  # type: ignore[import-untyped]
import httpx

from bench.intake_rows import Sample, sample
from bench.load import LoadFailed
from bench.table import Bar, Line
from domain.sync import FATES
from tests.chaos.test_import_memory import memory_of
from tests.engines.postgres import OwnPostgres
from tests.processes import KEY, Process, free_port, run_program

MEGABYTE = 1024 * 1024
MEMORY_BAR, P99_BAR = 100, 2.0
RATE, READS = 60, 0.5
"""Requests a second, and how many of them read a lead; the others create one."""
CALM = 15.0
"""Seconds of each look at the API without an import."""
ROUNDS = 3
START = 120.0
"""Seconds for an API to come up on a machine that does much else."""

WAL_FILES = 128
"""Of 16 MB: what an import of 100,000 rows writes, three times over."""

Latencies: TypeAlias = Mapping[str, tuple[float, float]]
"""The median and the 99th percentile in ms, by kind of request."""


@dataclass(slots=True)
class Visitors:
    """Send requests when their time has come, whether or not others were answered."""

    client: httpx.AsyncClient
    leads: list[str] = field(default_factory=list)
    chance: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - who reads whom
    took: dict[str, list[float]] = field(default_factory=dict)
    created: int = 0
    refused: int = 0

    async def create(self) -> None:
        self.created += 1
        lead = {"name": "Ada Lovelace", "email": f"visitor{self.created}@example.com"}
        answer = await self.client.post("/leads", json=lead)
        answer.raise_for_status()
        self.leads.append(answer.json()["id"])

    async def read(self) -> None:
        answer = await self.client.get(f"/leads/{self.chance.choice(self.leads)}")
        answer.raise_for_status()

    async def come(self, going: asyncio.Event) -> "Latencies":
        """Of reads and of writes, of those that came until `going`."""
        self.took = {"reads": [], "writes": []}
        began, number = time.perf_counter(), 0
        async with asyncio.TaskGroup() as group:
            while not going.is_set():
                due = began + number / RATE
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(self._visit(due))
                number += 1
        return {kind: _percentiles(took) for kind, took in self.took.items()}

    async def _visit(self, due: float) -> None:
        reads = self.chance.random() < READS
        try:
            await (self.read() if reads else self.create())
        except httpx.HTTPError:
            self.refused += 1
        self.took["reads" if reads else "writes"].append(time.perf_counter() - due)


async def beside(rows: int, rounds: int = ROUNDS) -> list[Line]:
    """The worker's memory, and the API's latencies beside an import and without one."""
    async with _system() as (client, worker):
        visitors = Visitors(client)
        for _ in range(500):
            await visitors.create()
        await _imported(client, sample(2_000, first=90_000_000))
        before, seen = memory_of(worker, "VmRSS"), list[tuple[Latencies, Latencies]]()
        for number in range(rounds):
            many = sample(rows, first=number * 10_000_000)
            calm = await _meanwhile(visitors, asyncio.sleep(CALM))
            busy = await _meanwhile(visitors, _imported(client, many))
            seen.append((calm, busy))
        grown = (memory_of(worker, "VmHWM") - before) / MEGABYTE
    growth = Line(
        work=f"memory growth of a worker by {rows:,} rows",
        ours=grown,
        unit="MB",
        bar=Bar(MEMORY_BAR, at_most=True),
    )
    return [growth, *(_line(kind, seen, visitors.refused) for kind in ("reads", "writes"))]


def _line(kind: str, seen: Sequence[tuple[Latencies, Latencies]], refused: int) -> Line:
    (limit_p50, limit_p99), (p50, p99) = (
        [statistics.median(times[kind][n] for times in some) for n in (0, 1)]
        for some in zip(*seen, strict=True)
    )
    return Line(
        work=f"{kind} beside an import",
        ours=RATE * (READS if kind == "reads" else 1 - READS),
        unit="/s",
        p50=p50,
        p99=p99,
        limit_p50=limit_p50,
        limit_p99=limit_p99,
        p99_bar=P99_BAR,
        note=f"{refused} of all were refused" if refused else "without an import",
    )


async def _meanwhile(visitors: Visitors, work: Awaitable[object]) -> Latencies:
    going = asyncio.Event()
    coming = asyncio.create_task(visitors.come(going))
    await work
    going.set()
    return await coming


@asynccontextmanager
async def _system() -> AsyncIterator[tuple[httpx.AsyncClient, Process]]:
    """An API, and a worker beside it, as they run distributed."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(OwnPostgres(f"min_wal_size={WAL_FILES * 16}MB")).url
        await _work_in(database)
        environ = {
            "DATABASE_URL": database,
            "API_SECRET_KEY": KEY,
            "CRM_SWEEP": "100 ms",
        }
        run_program("migrate", environ=environ, folder=folder).check_returncode()
        api = Process("api", {**environ, "CRM_PORT": str(free_port())}, folder)
        stack.callback(api.stop)
        api.wait_until_ready(START)
        worker = Process("worker", environ, folder)
        stack.callback(worker.stop)
        async with httpx.AsyncClient(
            base_url=api.url, headers={"x-api-key": KEY}, timeout=30
        ) as client:
            yield client, worker


async def _work_in(database: str) -> None:
    """Have it write WAL files that it uses again, as one has that runs for longer than a minute.

    A new one makes each as it is wanted, and whoever commits meanwhile waits for 16 MB of zeros.
    """
    connection = await asyncpg.connect(database)
    for _ in range(WAL_FILES):
        await connection.execute("SELECT pg_logical_emit_message(true, 'bench', 'worked in')")
        await connection.execute("SELECT pg_switch_wal()")
    await connection.execute("CHECKPOINT")
    await connection.close()


async def _imported(client: httpx.AsyncClient, rows: Sample) -> None:
    # in a thread, as the visitors' clock is not to stand still while megabytes are sent
    asked = await asyncio.to_thread(_upload, client, rows.file)
    began = time.perf_counter()
    run = asked.json()
    while run["finished_at"] is None:
        await asyncio.sleep(0.1)
        run = (await client.get(asked.headers["location"])).json()
    found = {name: run[name] for name in ("fetched", *FATES)}
    wanted = {name: getattr(rows.counts, name) for name in found}
    if found != wanted:
        raise LoadFailed(f"{json.dumps(found)} is not {json.dumps(wanted)}")
    print(f"{run['fetched']:,} rows in {time.perf_counter() - began:.1f} s", flush=True)


def _upload(client: httpx.AsyncClient, file: bytes) -> httpx.Response:
    headers = {**client.headers, "content-type": "text/csv"}
    answer = httpx.post(
        client.base_url.join("/leads/import"), content=file, headers=headers, timeout=30
    )
    return answer.raise_for_status()


def _percentiles(took: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(took, n=100)
    return cuts[49] * 1000, cuts[98] * 1000
