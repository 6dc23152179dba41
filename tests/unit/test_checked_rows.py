"""Rows are checked ahead of what is merged, by one batch."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from application.checked_rows import checked_ahead
from domain.errors import LeadSourceFailed
from domain.incoming import IncomingLead
from tests.unit.test_merge_leads import row


class Source:
    """Batches of a good and a broken row; `begun` tells how many were asked for."""

    def __init__(self, batches: int, error: Exception | None = None) -> None:
        self._batches, self._error = batches, error
        self.begun = 0
        self.asked = asyncio.Event()

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        for number in range(self._batches):
            self.begun += 1
            self.asked.set()
            yield [row(number), row(email="nobody")]
        if self._error:
            raise self._error


async def test_the_next_batch_is_read_while_one_is_worked_on() -> None:
    source = Source(3)
    async with aclosing(checked_ahead("fair", source.fetch())) as batches:
        first = await anext(batches)
        source.asked.clear()
        async with asyncio.timeout(5):
            await source.asked.wait()

    assert (len(first.rows), len(first.rejects)) == (1, 1)
    assert source.begun == 2


async def test_an_error_comes_behind_the_batches_before_it() -> None:
    source, seen = Source(2, LeadSourceFailed("timeout", "too slow")), 0

    with pytest.raises(LeadSourceFailed):
        async for batch in checked_ahead("fair", source.fetch()):
            seen += len(batch.rows)

    assert seen == 2


async def test_who_stops_early_asks_for_nothing_more() -> None:
    before, source = asyncio.all_tasks(), Source(9)
    async with aclosing(checked_ahead("fair", source.fetch())) as batches:
        await anext(batches)

    await asyncio.gather(*(asyncio.all_tasks() - before), return_exceptions=True)
    assert source.begun <= 2
