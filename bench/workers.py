"""Summaries beside jobs that do nothing: one worker process of ours, and one of SAQ, in turns.

The same PostgreSQL and Redis serve both. Ours claims, reserves, asks, checks, writes and tells
the cache for each summary; the AI answers at once. Then the AI takes 4 s: how many are asked at
once, at what cost. Exit 1 where a bar is not met.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
import uvloop

from bench.backlog import Backlog
from bench.cpu import cpu_seconds, resident_megabytes, tree_seconds
from tests.engines.postgres import OwnPostgres
from tests.engines.redis import OwnRedis
from tests.processes import PROGRAM

ROOT = Path(__file__).parents[1]
LEADS, JOBS, ROUNDS = 6_000, 20_000, 3
CONCURRENCIES = (10, 20, 50)
SLOW_SECONDS, SLOW_LEADS = 4.0, 2_000
RATIO, IN_FLIGHT, CORE_SHARE, MEGABYTES = 0.70, 200, 0.25, 250
PLUGIN = "[smart_crm.summarizers]\ninstant = bench.instant:Instant\n"


@dataclass(frozen=True, slots=True)
class Told:
    """So many in so many seconds, and the seconds of CPU of the worker and of PostgreSQL."""

    count: int
    seconds: float
    cpu: float
    postgres: float = 0.0

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


@dataclass(frozen=True, slots=True)
class Slow:
    """Calls at once, the share of a core, megabytes, and summaries a second, of a slow AI."""

    peak: int
    share: float
    megabytes: float
    rate: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Rounds of ours and of SAQ at its `best` concurrency, in turns; then a slow AI."""

    ours: list[Told]
    saqs: list[Told]
    best: int
    slow: Slow


async def main(*, concurrency: int, rounds: int, profile: Path | None) -> bool:
    """Whether all bars are met."""
    found = await measured(concurrency, rounds, profile)
    met = _tell_ratio(found.ours, found.saqs, found.best)
    met &= _tell_slow(found.slow)
    if profile is not None:
        _show(profile)
    return met


async def measured(concurrency: int, rounds: int, profile: Path | None = None) -> Measured:
    """`profile` is where one more round is to tell where its time went."""
    with tempfile.TemporaryDirectory() as name, OwnPostgres() as postgres, OwnRedis() as cache:
        backlog = Backlog(postgres.url)
        await backlog.prepare()
        bench = Bench(Path(name), postgres, cache, backlog)
        ours, saqs = [], []
        best = max(CONCURRENCIES, key=lambda each: bench.noop(each, JOBS // 4).per_second)
        for _ in range(rounds):
            saqs.append(bench.noop(best, JOBS))
            ours.append(await bench.summaries(concurrency))
        slow = await bench.slow()
        if profile is not None:
            await bench.summaries(concurrency, profile)
        await backlog.close()
    return Measured(ours, saqs, best, slow)


def _show(profile: Path) -> None:
    print(profile.read_text())


def _tell_ratio(ours: list[Told], saqs: list[Told], best: int) -> bool:
    for who, rounds in ((f"SAQ no-op jobs (concurrency {best})", saqs), ("summaries", ours)):
        rates = ", ".join(f"{each.per_second:,.0f}" for each in rounds)
        cpu = statistics.median(each.cpu / each.count for each in rounds) * 1e6
        postgres = statistics.median(each.postgres / each.count for each in rounds) * 1e6
        print(f"{who}: {rates} a second; {cpu:.0f} us of CPU each, PostgreSQL {postgres:.0f} us")
    ratio = statistics.median(a.per_second / b.per_second for a, b in zip(ours, saqs, strict=True))
    by_cpu = statistics.median(b.cpu / b.count for b in saqs) / statistics.median(
        a.cpu / a.count for a in ours
    )
    print(f"ratio {ratio:.2f} (bar {RATIO}); by the worker's CPU {by_cpu:.2f}", flush=True)
    return ratio >= RATIO


def _tell_slow(slow: Slow) -> bool:
    print(
        f"an AI of {SLOW_SECONDS:.0f} s: {slow.peak} at once (bar {IN_FLIGHT}), {slow.share:.0%} of"
        f" a core (bar {CORE_SHARE:.0%}), {slow.megabytes:.0f} MB (bar {MEGABYTES}),"
        f" {slow.rate:.0f} a second",
        flush=True,
    )
    return slow.peak >= IN_FLIGHT and slow.share < CORE_SHARE and slow.megabytes < MEGABYTES


class Bench:
    """One PostgreSQL and one Redis, and the processes that are measured on them."""

    def __init__(
        self, folder: Path, postgres: OwnPostgres, cache: OwnRedis, backlog: Backlog
    ) -> None:
        self._folder, self._postgres, self._cache, self._backlog = folder, postgres, cache, backlog
        installed = folder / "instant-1.0.dist-info"
        installed.mkdir()
        (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: instant\nVersion: 1.0\n")
        (installed / "entry_points.txt").write_text(PLUGIN)

    def noop(self, concurrency: int, jobs: int) -> Told:
        redis.Redis.from_url(self._cache.url).flushdb()
        program = [sys.executable, "-m", "bench.noop", self._cache.url, str(jobs), str(concurrency)]
        done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
        seconds, cpu = map(float, done.stdout.split())
        return Told(jobs, seconds, cpu)

    async def summaries(self, concurrency: int, profile: Path | None = None) -> Told:
        """One worker process works off a backlog; its start is not counted."""
        await self._backlog.fill(LEADS)
        told = {"CRM_SUMMARIZER_INSTANT_PROFILE": str(profile)} if profile else {}
        with self._worker(concurrency, told) as pid:
            first = await self._backlog.done_after(LEADS // 20)
            mine, servers = _seconds(pid), tree_seconds(self._postgres.pid) or 0.0
            last = await self._backlog.done_after(LEADS)
            cpu = _seconds(pid) - mine
            postgres = (tree_seconds(self._postgres.pid) or 0.0) - servers
        return Told(last.count - first.count, last.at - first.at, cpu, postgres)

    async def slow(self) -> Slow:
        """An AI that takes its time: calls at once, the share of a core, and memory."""
        await self._backlog.fill(SLOW_LEADS)
        with self._worker(250, {"CRM_SUMMARIZER_INSTANT_SECONDS": str(SLOW_SECONDS)}) as pid:
            first = await self._backlog.done_after(1)
            began, spent = time.perf_counter(), _seconds(pid)
            last = await self._backlog.done_after(SLOW_LEADS)
            share = (_seconds(pid) - spent) / (time.perf_counter() - began)
            megabytes = resident_megabytes(pid) or 0.0
        rate = (last.count - first.count) / (last.at - first.at)
        return Slow(int(self._peak.read_text()), share, megabytes, rate)

    @property
    def _peak(self) -> Path:
        return self._folder / "peak"

    @contextmanager
    def _worker(self, concurrency: int, told: Mapping[str, str]) -> Iterator[int]:
        """A `smart-crm worker`, stopped in good order."""
        environ = {
            "DATABASE_URL": self._postgres.url,
            "REDIS_URL": self._cache.url,
            "API_SECRET_KEY": "crm_bench_0123456789abcdef",
            "CRM_SUMMARIZER": "instant",
            "CRM_AI_PRICES": "instant-1=0.30/2.50",
            "CRM_AI_DAILY_COST": "1000000",
            "CRM_SUMMARY_CONCURRENCY": str(concurrency),
            "CRM_SUMMARIZER_INSTANT_PEAK": str(self._peak),
            "CRM_LOG_LEVEL": "warning",
            **told,
        }
        paths = os.pathsep.join(map(str, (ROOT / "src", ROOT, self._folder)))
        worker = subprocess.Popen(
            [PROGRAM, "worker"],
            cwd=self._folder,
            env={**os.environ, **environ, "PYTHONPATH": paths},
        )
        try:
            yield worker.pid
        finally:
            worker.terminate()
            worker.wait(40)


def _seconds(pid: int) -> float:
    return cpu_seconds([pid]) or 0.0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--concurrency", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--profile", type=Path, help="also tell where the time goes, in this file")
    given = vars(parser.parse_args())
    sys.exit(not uvloop.run(main(**given)))
