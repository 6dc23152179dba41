"""Show what each sync did."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports import UnitsOfWork
from domain.errors import SyncRunNotFound
from domain.ports import Position
from domain.sync import SyncRun, SyncRunId


@dataclass(frozen=True, slots=True)
class GetSyncRun:
    unit_of_work: UnitsOfWork

    async def __call__(self, run_id: SyncRunId) -> SyncRun:
        async with self.unit_of_work(reads_only=True) as work:
            run = await work.sync_runs.get(run_id)
        if run is None:
            raise SyncRunNotFound(run_id)
        return run


@dataclass(frozen=True, slots=True)
class ListSyncRuns:
    unit_of_work: UnitsOfWork

    async def __call__(self, limit: int, after: Position | None) -> Sequence[SyncRun]:
        async with self.unit_of_work(reads_only=True) as work:
            return await work.sync_runs.page(limit, after)
