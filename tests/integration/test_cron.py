"""Schedulers over two slots: killed, restarted, beside each other, and without their Redis.

All of it happens within the same two minutes, on databases of their own; the tests then look.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from redis import Redis

from adapters.databases.sql.schema import upgrade
from tests.engines.redis import OwnRedis
from tests.fakes.randomuser import FakeRandomUser
from tests.processes import KEY, Process, eventually, running

pytestmark = pytest.mark.timeout(300)
OPEN_RUNS = "SELECT FROM sync_runs WHERE state IN ('pending', 'running')"
WAITING = "SELECT count(*) FROM pg_locks WHERE relation = 'sync_runs'::regclass AND NOT granted"


@dataclass(frozen=True, slots=True)
class Site:
    """A database and the settings of the processes on it."""

    url: str
    folder: Path
    environ: Mapping[str, str]

    def started(self, command: str, stack: ExitStack) -> Process:
        return stack.enter_context(running(command, self.environ, self.folder))

    def rows(self, sql: str = "SELECT * FROM sync_runs ORDER BY slot") -> list[Any]:
        async def ask() -> list[Any]:
            connection = await asyncpg.connect(self.url)
            try:
                found: list[Any] = await connection.fetch(sql)
                return found
            finally:
                await connection.close()

        return asyncio.run(ask())

    def slots(self) -> list[datetime]:
        return [row["slot"] for row in self.rows()]


@dataclass(frozen=True, slots=True)
class Sites:
    crowded: Site
    """Three schedulers, one killed and started again; the worker of the first sync is killed."""
    stuck: Site
    """The scheduler is killed in the middle of its first tick, and started again."""
    wiped: Site
    """Redis is away at the first slot, and then comes back with nothing in it."""
    alone: Site
    """There is no Redis."""


@pytest.fixture(scope="module")
def sites(
    new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sites]:
    """As two slots left them."""
    with ExitStack() as stack:
        source = stack.enter_context(FakeRandomUser())
        redises = [stack.enter_context(OwnRedis(durable=False)) for _ in range(3)]
        made = [
            a_site(new_database(), tmp_path_factory.mktemp("cron"), source, redis)
            for redis in (*redises, None)
        ]
        sites = Sites(*made)
        live_through_two_slots(sites, redises, source, stack)
        yield sites


def a_site(url: str, folder: Path, source: FakeRandomUser, redis: OwnRedis | None) -> Site:
    environ = {
        "DATABASE_URL": url,
        "API_SECRET_KEY": KEY,
        "RANDOMUSER_URL": f"{source.url}/api/",
        "CRM_SOURCE_ALLOW_PRIVATE": "true",
        "CRM_SYNC_CRON": "* * * * *",
        "CRM_SWEEP": "500 ms",
        "CRM_LEASE": "3 s",
        **({"REDIS_URL": redis.url} if redis else {}),
    }
    asyncio.run(upgrade(url))
    return Site(url, folder, environ)


def live_through_two_slots(
    sites: Sites, redises: Sequence[OwnRedis], source: FakeRandomUser, stack: ExitStack
) -> None:
    source.misbehave("hang", times=1)
    crons = [sites.crowded.started("cron", stack) for _ in range(3)]
    worker = sites.crowded.started("worker", stack)
    victim, *others = [
        site.started("cron", stack) for site in (sites.stuck, sites.wiped, sites.alone)
    ]
    for cron in (*crons, victim, *others):
        eventually(lambda cron=cron: "syncs are scheduled" in cron.log.read_text(), 60)  # type: ignore[misc]
    redises[2].kill()

    kill_in_mid_tick(victim, sites.stuck, redises[1])
    eventually(lambda: source.requests, seconds=30)
    worker.kill()
    crons[0].kill()
    for site, command in (
        (sites.crowded, "worker"),
        (sites.crowded, "cron"),
        (sites.stuck, "cron"),
        (sites.wiped, "worker"),
        (sites.alone, "worker"),
    ):
        site.started(command, stack)
    eventually(lambda: len(sites.wiped.slots()) == 1, seconds=30)
    redises[2].start()

    second = max(sites.crowded.slots()) + timedelta(minutes=1)
    for site in (sites.crowded, sites.stuck, sites.wiped, sites.alone):
        eventually(lambda site=site: second in site.slots(), seconds=90)  # type: ignore[misc]


def kill_in_mid_tick(cron: Process, site: Site, redis: OwnRedis) -> None:
    """While SAQ holds the key of its tick, and the tick waits for the database."""

    async def kill() -> None:
        holder = await asyncpg.connect(site.url)
        async with holder.transaction():
            await holder.execute("LOCK TABLE sync_runs IN ACCESS EXCLUSIVE MODE")
            async with asyncio.timeout(90):
                while not (await holder.fetchval(WAITING) and ticks_of_saq(redis)):
                    await asyncio.sleep(0.01)
            cron.kill()
        await holder.close()

    asyncio.run(kill())


def ticks_of_saq(redis: OwnRedis) -> list[Any]:
    with Redis.from_url(redis.url) as plain:
        held: list[Any] = plain.lrange("saq:crm-cron:active", 0, -1)
        return held


def test_many_schedulers_start_one_run_for_each_slot(sites: Sites) -> None:
    slots = sites.crowded.slots()

    assert len(slots) == len(set(slots)) >= 2


def test_a_sync_whose_worker_was_killed_is_taken_up_and_stores_each_lead_once(
    sites: Sites,
) -> None:
    eventually(lambda: sites.crowded.rows(f"SELECT 1 WHERE NOT EXISTS ({OPEN_RUNS})"))

    first = sites.crowded.rows()[0]
    leads = sites.crowded.rows("SELECT email_key FROM leads")
    assert (first["state"], first["crashes"]) == ("succeeded", 1)
    assert json.loads(first["counts"])["created"] == 10
    assert len(leads) == 10


def test_a_scheduler_that_died_in_mid_tick_keeps_no_later_slot_from_its_run(sites: Sites) -> None:
    assert len(sites.stuck.slots()) >= 1


def test_a_slot_while_redis_is_away_has_its_run_and_so_has_the_next(sites: Sites) -> None:
    eventually(lambda: sites.wiped.rows(f"SELECT 1 WHERE NOT EXISTS ({OPEN_RUNS})"))

    rows = sites.wiped.rows()
    assert [row["state"] for row in rows] == ["succeeded"] * len(rows)
    assert len(rows) >= 2


def test_without_redis_each_slot_has_its_run_too(sites: Sites) -> None:
    slots = sites.alone.slots()

    assert len(slots) == len(set(slots)) >= 2
