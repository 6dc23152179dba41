"""Check what a source offers: beside the event loop, and ahead of what is merged."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from application.pauses import pausing
from domain.errors import InvalidLead
from domain.incoming import IncomingLead
from domain.lead_fields import LeadDetails
from domain.sync import Reject

Checked: TypeAlias = tuple[IncomingLead, LeadDetails]


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """The rows of a batch that make leads, and those that do not, each in their order."""

    rows: Sequence[Checked]
    rejects: Sequence[Reject]

    @classmethod
    async def of(cls, source: str, batch: Sequence[IncomingLead]) -> "CheckedRows":
        # thousands of rows, or one of megabytes, are not to hold up everybody else
        return await asyncio.to_thread(_check, source, batch)


async def checked_ahead(
    source: str, batches: AsyncIterator[Sequence[IncomingLead]]
) -> AsyncGenerator[CheckedRows, None]:
    """Each batch; the next one is read and checked while this one is worked on.

    Whatever the source raises goes on behind the batches before it.
    """

    async def following() -> CheckedRows | None:
        batch = await anext(batches, None)
        return None if batch is None else await CheckedRows.of(source, batch)

    ahead = asyncio.create_task(following())
    try:
        while (batch := await ahead) is not None:
            ahead = asyncio.create_task(following())
            yield batch
    finally:
        ahead.add_done_callback(_passed_over)
        ahead.cancel()


def _passed_over(ahead: "asyncio.Task[CheckedRows | None]") -> None:
    """Nobody asks any more what became of it, and nothing is to be logged of that."""
    if not ahead.cancelled():
        ahead.exception()


def _check(source: str, batch: Sequence[IncomingLead]) -> CheckedRows:
    rows, rejects = [], []
    for incoming in pausing(batch):
        try:
            rows.append((incoming, incoming.details(source)))
        except InvalidLead as invalid:
            rejects.append(Reject.of(incoming.fields, invalid.problems))
    return CheckedRows(rows, rejects)
