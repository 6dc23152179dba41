"""Forgetting goes on through backlogs and outages, and rests when there is nothing to forget."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from domain.errors import DatabaseUnavailable
from entrypoints import purging
from entrypoints.container import System
from entrypoints.purging import BATCH, FILES, RUNS, purge
from tests.systems import a_system


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with a_system() as system:
        yield system


@dataclass
class Purge:
    """Finds so much that is old in turn, or an outage; then it is told to stop."""

    stopping: asyncio.Event
    found: list[int | None]
    limits: list[int] = field(default_factory=list)

    async def __call__(self, limit: int) -> int:
        await asyncio.sleep(0)
        self.limits.append(limit)
        found = self.found.pop(0)
        if not self.found:
            self.stopping.set()
        if found is None:
            raise DatabaseUnavailable("away")
        return found


async def purged(system: System, found: list[int | None], what: str = "receipts") -> Purge:
    purging: Any = Purge(asyncio.Event(), found)
    async with asyncio.timeout(5):
        await purge(replace(system.crm, **{f"purge_{what}": purging}), purging.stopping)
    return purging  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("what", "batch"), [("receipts", BATCH), ("rejects", RUNS), ("uploads", FILES)]
)
async def test_a_backlog_is_worked_off_batch_by_batch_without_a_pause(
    system: System, what: str, batch: int
) -> None:
    purging = await purged(system, [batch, batch, 1], what)

    assert purging.limits == [batch] * 3


async def test_after_an_outage_it_is_tried_again(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "RETRY_SECONDS", 0.0)

    tried = await purged(system, [None, 1])

    assert tried.found == []


async def test_it_rests_when_nothing_is_left(system: System) -> None:
    purging: Any = Purge(asyncio.Event(), [BATCH - 1, 0, 0])
    crm = replace(system.crm, purge_receipts=purging)

    purging_on = asyncio.create_task(purge(crm, purging.stopping))
    await asyncio.wait({purging_on}, timeout=0.1)
    purging.stopping.set()
    await asyncio.wait_for(purging_on, 5)

    assert purging.limits == [BATCH]
