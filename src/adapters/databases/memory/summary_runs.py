"""The summary runs in memory."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from adapters.databases.memory.leases import Leases
from adapters.databases.memory.tables import Tables, page
from domain.errors import SummaryRunOpen
from domain.lead import LeadId
from domain.ports import Position, SummaryRunRepository
from domain.summary import (
    LeaseToken,
    RunError,
    RunSettlement,
    RunState,
    SummaryRun,
    SummaryRunId,
)


class MemorySummaryRuns(SummaryRunRepository):
    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        self._runs = tables.summary_runs
        self._leases = Leases(tables.due, now)

    async def add(self, run: SummaryRun) -> SummaryRun:
        standing = self._open_run(run.lead_id)
        return standing or self._put_due(run, timedelta(0))

    async def add_new(self, runs: Sequence[SummaryRun]) -> set[SummaryRunId]:
        taken = {run.lead_id for run in self._runs.values() if run.state.is_open}
        new = {run.lead_id: run for run in runs[::-1] if run.lead_id not in taken}
        return {self._put_due(run, timedelta(0)).id for run in new.values()}

    async def get(self, lead_id: LeadId, run_id: SummaryRunId) -> SummaryRun | None:
        run = self._runs.get(run_id)
        return run if run is not None and run.lead_id == lead_id else None

    async def among(self, run_ids: Collection[SummaryRunId]) -> Sequence[SummaryRun]:
        return [self._runs[run_id] for run_id in run_ids if run_id in self._runs]

    async def open_of(self, lead_ids: Collection[LeadId]) -> Sequence[SummaryRun]:
        wanted = set[UUID](lead_ids)
        return [run for run in self._runs.values() if run.lead_id in wanted and run.state.is_open]

    async def page(
        self, lead_id: LeadId, limit: int, after: Position | None
    ) -> Sequence[SummaryRun]:
        return page((run for run in self._runs.values() if run.lead_id == lead_id), limit, after)

    async def before(self, run: SummaryRun) -> SummaryRun | None:
        ended = [
            other
            for other in self._runs.values()
            if other.lead_id == run.lead_id and other.state is RunState.SUCCEEDED
        ]
        earlier = [other for other in ended if _ended_at(other) < _ended_at(run)]
        return max(earlier, key=_ended_at, default=None)

    async def claim(
        self,
        token: LeaseToken,
        lease: timedelta,
        limit: int,
        beside: Collection[SummaryRun] = (),
    ) -> Sequence[SummaryRun]:
        until = self._leases.now() + lease
        taken, has_suspect = list[SummaryRun](), any(run.is_suspect for run in beside)
        ours = {run.id for run in beside}
        due = [
            run
            for run in self._leases.due_runs(self._runs, len(self._runs))
            if run.state is RunState.PENDING or run.id not in ours
        ]
        for run in sorted(due, key=lambda run: run.state is RunState.PENDING):
            claimed = run.claimed(token, until, alone=False)
            if len(taken) < limit and not (claimed.is_suspect and has_suspect):
                taken.append(claimed)
                has_suspect = has_suspect or claimed.is_suspect
        if len(taken) == 1 and not beside:
            taken = [replace(taken[0], alone=True)]
        for run in taken:
            self._runs[run.id], self._leases.due[run.id] = run, until
        if taken:
            self._join(beside)
        return taken

    async def renew(self, tokens: Collection[LeaseToken], lease: timedelta) -> set[SummaryRunId]:
        return {SummaryRunId(held) for held in self._leases.renew(self._runs, tokens, lease)}

    async def settle(
        self, run: SummaryRun, token: LeaseToken, retry_in: timedelta | None = None
    ) -> bool:
        due = None
        if run.state.is_open:
            due = self._leases.now() + (retry_in or timedelta(0))
            run = replace(run, next_attempt_at=due)
        return self._leases.settle(self._runs, run, token, due)

    async def settle_all(self, settlements: Sequence[RunSettlement]) -> set[SummaryRunId]:
        return {
            each.run.id
            for each in settlements
            if await self.settle(each.run, each.token, each.retry_in)
        }

    async def reopen(self, run: SummaryRun) -> None:
        standing = self._open_run(run.lead_id)
        if standing is not None:
            raise SummaryRunOpen(standing.id)
        self._put_due(run, timedelta(0))

    async def give_up(self, lead_id: LeadId, error: RunError, now: datetime) -> None:
        run = self._open_run(lead_id)
        if run is not None:
            self._runs[run.id] = run.given_up(error, now)
            del self._leases.due[run.id]

    def _join(self, beside: Collection[SummaryRun]) -> None:
        """Whoever was held alone no longer is."""
        for run in beside:
            stored = self._runs.get(run.id)
            if stored and stored.lease_token == run.lease_token and not stored.is_suspect:
                self._runs[run.id] = replace(stored, alone=False)

    def _put_due(self, run: SummaryRun, delay: timedelta) -> SummaryRun:
        due = self._leases.due[run.id] = self._leases.now() + delay
        self._runs[run.id] = replace(run, state=RunState.PENDING, next_attempt_at=due)
        return self._runs[run.id]

    def _open_run(self, lead_id: UUID) -> SummaryRun | None:
        runs = self._runs.values()
        return next((run for run in runs if run.lead_id == lead_id and run.state.is_open), None)


def _ended_at(run: SummaryRun) -> tuple[datetime, UUID]:
    if run.finished_at is None:
        raise ValueError("this run is not at its end")
    return run.finished_at, run.id
