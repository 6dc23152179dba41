"""The sync runs in memory."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.databases.memory.leases import Leases
from adapters.databases.memory.tables import Tables, page
from domain.ports import Position, SyncRunRepository
from domain.summary import LeaseToken
from domain.sync import SyncRun, SyncRunId, SyncState


class MemorySyncRuns(SyncRunRepository):
    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        self._runs = tables.sync_runs
        self._leases = Leases(tables.due, now)

    async def add(self, run: SyncRun) -> SyncRun:
        syncs = [other for other in self._runs.values() if other.upload is None]
        of_source = [other for other in syncs if other.source == run.source and not run.upload]
        of_slot = [other for other in of_source if run.slot and other.slot == run.slot]
        still_open = [other for other in of_source if run.state.is_open and other.state.is_open]
        for standing in (*of_slot, *still_open):
            return standing
        if run.state.is_open:
            self._leases.due[run.id] = self._leases.now()
        self._runs[run.id] = run
        return run

    async def get(self, run_id: SyncRunId) -> SyncRun | None:
        return self._runs.get(run_id)

    async def page(self, limit: int, after: Position | None) -> Sequence[SyncRun]:
        return page(self._runs.values(), limit, after)

    async def claim(self, token: LeaseToken, lease: timedelta, limit: int) -> Sequence[SyncRun]:
        claimed = []
        for run in self._leases.due_runs(self._runs, limit):
            now = self._leases.now()
            until = self._leases.due[run.id] = now + lease
            self._runs[run.id] = run.claimed(token, until, now)
            claimed.append(self._runs[run.id])
        return claimed

    async def renew(self, tokens: Collection[LeaseToken], lease: timedelta) -> set[SyncRunId]:
        return {SyncRunId(held) for held in self._leases.renew(self._runs, tokens, lease)}

    async def settle(self, run: SyncRun, token: LeaseToken) -> bool:
        due = self._leases.now() if run.state.is_open else None
        return self._leases.settle(self._runs, run, token, due)

    async def advance(self, run: SyncRun, token: LeaseToken) -> bool:
        stored = self._runs.get(run.id)
        if stored is None or stored.lease_token != token:
            return False
        self._runs[run.id] = replace(
            stored, counts=run.counts, rejects_kept=run.rejects_kept, crashes=run.crashes
        )
        return True

    async def last_successes(self) -> Mapping[str, datetime]:
        # the last one of a source wins
        return {run.source: ended for ended, run in self._reads()}

    async def last_read_began(self, source: str) -> datetime | None:
        began = [run.started_at for _, run in self._reads() if run.source == source]
        return began[-1] if began else None

    def _reads(self) -> list[tuple[datetime, SyncRun]]:
        """The runs that read a source with success, each with its end, in their order."""
        reads = [
            (run.finished_at, run)
            for run in self._runs.values()
            if run.state is SyncState.SUCCEEDED
            and run.retried_from is None
            and run.upload is None
            and run.finished_at
        ]
        return sorted(reads, key=lambda read: read[0])
