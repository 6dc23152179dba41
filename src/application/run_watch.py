"""Tell all who wait in this process for summary runs of their progress, by one query for all.

The row is the truth, whichever process changed it: while somebody waits, a watch reads the runs
that are waited for a few times a second, and soon after this process changed one itself.
"""

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from application.ports import UnitsOfWork
from domain.errors import CrmError
from domain.summary import SummaryRun

log = logging.getLogger(__name__)

LEAST_REST = timedelta(milliseconds=20)
"""Between two looks, however much happens here."""


@dataclass(eq=False, slots=True)
class RunWatch:
    """One per process. `capacity` is how many may wait at once, or a few more in a rush."""

    unit_of_work: UnitsOfWork
    tick: timedelta = timedelta(milliseconds=250)
    capacity: int = 500
    _waiting: "dict[asyncio.Future[SummaryRun], SummaryRun]" = field(
        default_factory=dict, init=False
    )
    _soon: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _looking: "asyncio.Task[None] | None" = field(default=None, init=False)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        return self.waiting >= self.capacity

    async def progress(
        self, seen: SummaryRun, seconds: float, until: "Collection[asyncio.Future[object]]"
    ) -> SummaryRun | None:
        """The run once its progress differs from what was `seen`.

        None if it does not within so many seconds, or before one of `until` is done. Also
        while the database is away: then nobody knows.
        """
        told: asyncio.Future[SummaryRun] = asyncio.get_running_loop().create_future()
        self._waiting[told] = seen
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            any_of: set[asyncio.Future[Any]] = {told, *until}
            await asyncio.wait(any_of, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._waiting[told]
        return told.result() if told.done() else None

    def look_soon(self) -> None:
        """A run was changed here."""
        self._soon.set()

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> None:
        while self._waiting:
            await self._rest()
            try:
                await self._tell()
            except CrmError as error:
                log.warning("cannot look at runs", extra={"reason": str(error)})
            except Exception:
                log.exception("looking at runs broke")

    async def _rest(self) -> None:
        await asyncio.sleep(LEAST_REST.total_seconds())
        with suppress(TimeoutError):
            async with asyncio.timeout((self.tick - LEAST_REST).total_seconds()):
                await self._soon.wait()
        self._soon.clear()

    async def _tell(self) -> None:
        ids = {seen.id for seen in self._waiting.values()}
        if not ids:
            return
        async with self.unit_of_work(reads_only=True) as work:
            runs = {run.id: run for run in await work.summary_runs.among(ids)}
        for told, seen in self._waiting.items():
            run = runs.get(seen.id)
            if run is not None and run.progress != seen.progress and not told.done():
                told.set_result(run)
