"""The rows that sync runs rejected, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.databases.memory.tables import Tables
from domain.ports import RejectRepository
from domain.quarantine import QuarantinedRow
from domain.sync import SyncRunId


class MemoryRejects(RejectRepository):
    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        self._rejects = tables.rejects
        self._runs = tables.sync_runs
        self._now = now

    async def keep(self, run_id: SyncRunId, rows: Sequence[QuarantinedRow]) -> None:
        self._rejects[run_id] = (*self._rejects.get(run_id, ()), *rows)

    async def page(
        self, run_id: SyncRunId, limit: int, after: int = 0, *, whole_only: bool = False
    ) -> Sequence[QuarantinedRow]:
        rows = self._rejects.get(run_id, ())
        found = [row for row in rows if row.position > after and (row.is_whole or not whole_only)]
        return found[:limit]

    async def purge(self, kept: timedelta, runs: int) -> int:
        until = self._now() - kept
        old = [
            run
            for run in self._runs.values()
            if run.rejects_kept and run.finished_at and run.finished_at <= until
        ][:runs]
        for run in old:
            self._rejects.pop(run.id, None)
            self._runs[run.id] = replace(run, rejects_kept=0)
        return len(old)
