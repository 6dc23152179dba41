"""The clock's side of syncing: each slot is ticked, and a tick that failed is made up for."""

import asyncio
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from domain.errors import DatabaseUnavailable
from entrypoints import schedule
from entrypoints.schedule import run_schedule
from entrypoints.settings import load

SOON, RETRY = timedelta(milliseconds=20), timedelta(milliseconds=20)


class Syncs:
    """The use case, with a database that is away for the first ticks."""

    def __init__(self, stopping: asyncio.Event, failures: int, ticks: int) -> None:
        self.slots: list[datetime] = []
        self._stopping, self._failures, self._ticks = stopping, failures, ticks

    async def __call__(self, source: str, slot: datetime) -> Any:
        if self._failures:
            self._failures -= 1
            raise DatabaseUnavailable("away")
        self.slots.append(slot)
        if len(self.slots) == self._ticks:
            self._stopping.set()
        return SimpleNamespace(id="run")


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first slot comes soon, the next one never."""
    asked: list[datetime] = []

    def next_slot(_: str, now: datetime) -> datetime:
        asked.append(now)
        return now + (SOON if now == asked[0] else timedelta(hours=1))

    monkeypatch.setattr(schedule, "next_slot", next_slot)
    monkeypatch.setattr(schedule, "RETRY_AFTER", RETRY)


@pytest.mark.parametrize("failures", [0, 3])
async def test_a_slot_is_ticked_though_the_database_was_away(failures: int) -> None:
    stopping = asyncio.Event()
    syncs = Syncs(stopping, failures, ticks=1)
    crm: Any = SimpleNamespace(start_sync=syncs)

    async with asyncio.timeout(10):
        await run_schedule(crm, load({"DATABASE_URL": "memory://"}), stopping)

    assert len(syncs.slots) == 1


async def test_each_source_has_its_own_tick() -> None:
    stopping = asyncio.Event()
    syncs = Syncs(stopping, failures=1, ticks=2)
    crm: Any = SimpleNamespace(start_sync=syncs)
    environ = {"CRM_LEAD_SOURCE": "randomuser,file", "CRM_LEAD_FILE": "leads.json"}

    async with asyncio.timeout(10):
        await run_schedule(crm, load({"DATABASE_URL": "memory://", **environ}), stopping)

    assert len(syncs.slots) == 2
