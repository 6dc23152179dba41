"""Answers are forgotten when their time is over, and an outage stops nobody from forgetting."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from domain.errors import DatabaseUnavailable
from entrypoints import purging
from entrypoints.container import System
from entrypoints.purging import BATCH, purge_receipts
from tests.systems import a_system


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with a_system() as system:
        yield system


@dataclass
class Purge:
    """Finds so many old answers in turn, or an outage; then it is told to stop."""

    stopping: asyncio.Event
    found: list[int | None]
    limits: list[int] = field(default_factory=list)

    async def __call__(self, limit: int) -> int:
        self.limits.append(limit)
        found = self.found.pop(0)
        if not self.found:
            self.stopping.set()
        if found is None:
            raise DatabaseUnavailable("away")
        return found


async def purged(system: System, found: list[int | None]) -> Purge:
    purge: Any = Purge(asyncio.Event(), found)
    async with asyncio.timeout(5):
        await purge_receipts(replace(system.crm, purge_receipts=purge), purge.stopping)
    return purge  # type: ignore[no-any-return]


async def test_a_backlog_is_worked_off_batch_by_batch_without_a_pause(system: System) -> None:
    purge = await purged(system, [BATCH, BATCH, 1])

    assert purge.limits == [BATCH] * 3


async def test_after_an_outage_it_is_tried_again(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "EVERY_SECONDS", 0.0)

    purge = await purged(system, [None, 1])

    assert purge.found == []
