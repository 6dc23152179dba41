"""Uploaded files, in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from adapters.databases.memory.tables import StagedFile, Tables
from domain.ports import StagedRepository
from domain.sync import SyncRunId


class MemoryStaged(StagedRepository):
    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        self._files = tables.staged
        self._runs = tables.sync_runs
        self._now = now

    async def add(self, run_id: SyncRunId, first: int, chunks: Sequence[bytes]) -> None:
        known = self._files.get(run_id, StagedFile(self._now(), ()))
        self._files[run_id] = StagedFile(known.came_at, (*known.chunks[:first], *chunks))

    async def chunk(self, run_id: SyncRunId, number: int) -> bytes:
        file = self._files.get(run_id)
        return file.chunks[number] if file and number < len(file.chunks) else b""

    async def drop(self, run_id: SyncRunId) -> None:
        self._files.pop(run_id, None)

    async def purge(self, kept: timedelta, files: int) -> int:
        until = self._now() - kept
        old = [
            run_id
            for run_id, file in self._files.items()
            if file.came_at <= until
            and (run_id not in self._runs or not self._runs[SyncRunId(run_id)].state.is_open)
        ][:files]
        for run_id in old:
            del self._files[run_id]
        return len(old)
