"""A database in this process's memory: for tests, and for a server that may forget.

A writer works on a copy of everything and swaps it in at its commit; writers take turns, and
readers see what was committed when they began.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from application.ports import Clock, CommitHook, Probe, UnitOfWork, UnitsOfWork
from domain.errors import DuplicateLead, LeadChanged, SummaryRunOpen
from domain.lead import Lead, LeadId
from domain.ports import LeadRepository, Position, SummaryRunRepository, SyncRunRepository
from domain.summary import LeaseToken, RunState, SummaryRun, SummaryRunId
from domain.sync import SyncRun, SyncRunId, SyncState

R = TypeVar("R", SummaryRun, SyncRun)


class _Dated(Protocol):
    @property
    def id(self) -> UUID: ...

    @property
    def created_at(self) -> datetime: ...


D = TypeVar("D", bound=_Dated)


@dataclass(slots=True)
class _Tables:
    leads: dict[UUID, Lead] = field(default_factory=dict)
    summary_runs: dict[UUID, SummaryRun] = field(default_factory=dict)
    sync_runs: dict[UUID, SyncRun] = field(default_factory=dict)
    due: dict[UUID, datetime] = field(default_factory=dict)
    """When each open run may be claimed: its next attempt, or its lease's end."""

    def copy(self) -> "_Tables":
        return _Tables(
            dict(self.leads), dict(self.summary_runs), dict(self.sync_runs), dict(self.due)
        )


class MemoryLeads(LeadRepository):
    """`saved` lists the leads that were replaced, as the commit hook needs them."""

    def __init__(self, tables: _Tables) -> None:
        self._leads = tables.leads
        self.saved: list[Lead] = []

    async def add(self, lead: Lead) -> None:
        others = self._leads.values()
        for other in others:
            if other.email_key == lead.email_key:
                raise DuplicateLead("email", other.id)
        for other in others:
            if lead.external_id is not None and _origin(other) == _origin(lead):
                raise DuplicateLead("external_id", other.id)
        self._leads[lead.id] = lead

    async def add_new(self, leads: Sequence[Lead]) -> set[LeadId]:
        keys = {lead.email_key for lead in self._leads.values()}
        origins = {_origin(lead) for lead in self._leads.values() if lead.external_id is not None}
        added = set()
        for lead in leads:
            if lead.email_key in keys or _origin(lead) in origins:
                continue
            self._leads[lead.id] = lead
            added.add(lead.id)
            keys.add(lead.email_key)
            if lead.external_id is not None:
                origins.add(_origin(lead))
        return added

    async def get(
        self,
        lead_id: LeadId,
        *,
        for_update: bool = False,  # noqa: ARG002 - writers take turns anyway
    ) -> Lead | None:
        return self._leads.get(lead_id)

    async def save(self, lead: Lead) -> None:
        stored = self._leads.get(lead.id)
        if stored is None or stored.version != lead.version - 1:
            raise LeadChanged(lead.id)
        self._leads[lead.id] = lead
        self.saved.append(lead)

    async def page(self, limit: int, after: Position | None) -> Sequence[Lead]:
        return _page(self._leads.values(), limit, after)

    async def matching(
        self, source: str, external_ids: Collection[str], email_keys: Collection[str]
    ) -> Sequence[Lead]:
        ids, keys = set(external_ids), set(email_keys)
        return [
            lead
            for lead in self._leads.values()
            if lead.email_key in keys or (lead.source == source and lead.external_id in ids)
        ]


class _Leases:
    """Claiming and settling, the same for every kind of runs."""

    def __init__(self, due: dict[UUID, datetime], now: Callable[[], datetime]) -> None:
        self.due = due
        self.now = now

    def due_runs(self, runs: dict[UUID, R], limit: int) -> list[R]:
        now = self.now()
        waiting = [run for run in runs.values() if run.state.is_open and self.due[run.id] <= now]
        return sorted(waiting, key=lambda run: self.due[run.id])[:limit]

    def renew(
        self, runs: dict[UUID, R], tokens: Collection[LeaseToken], lease: timedelta
    ) -> set[UUID]:
        held: set[UUID] = {run.id for run in runs.values() if run.lease_token in tokens}
        for run_id in held:
            self.due[run_id] = self.now() + lease
            runs[run_id] = replace(runs[run_id], lease_until=self.due[run_id])
        return held

    def settle(self, runs: dict[UUID, R], run: R, token: LeaseToken, due: datetime | None) -> bool:
        if runs[run.id].lease_token != token:
            return False
        runs[run.id] = run
        if due is None:
            self.due.pop(run.id, None)
        else:
            self.due[run.id] = due
        return True


class MemorySummaryRuns(SummaryRunRepository):
    def __init__(self, tables: _Tables, now: Callable[[], datetime]) -> None:
        self._runs = tables.summary_runs
        self._leases = _Leases(tables.due, now)

    async def add(self, run: SummaryRun) -> SummaryRun:
        standing = self._open_run(run.lead_id)
        return standing or self._put_due(run, timedelta(0))

    async def get(self, lead_id: LeadId, run_id: SummaryRunId) -> SummaryRun | None:
        run = self._runs.get(run_id)
        return run if run is not None and run.lead_id == lead_id else None

    async def page(
        self, lead_id: LeadId, limit: int, after: Position | None
    ) -> Sequence[SummaryRun]:
        return _page((run for run in self._runs.values() if run.lead_id == lead_id), limit, after)

    async def claim(self, token: LeaseToken, lease: timedelta, limit: int) -> Sequence[SummaryRun]:
        claimed = []
        for run in self._leases.due_runs(self._runs, limit):
            until = self._leases.due[run.id] = self._leases.now() + lease
            self._runs[run.id] = run.claimed(token, until)
            claimed.append(self._runs[run.id])
        return claimed

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

    async def reopen(self, run: SummaryRun) -> None:
        standing = self._open_run(run.lead_id)
        if standing is not None:
            raise SummaryRunOpen(standing.id)
        self._put_due(run, timedelta(0))

    def _put_due(self, run: SummaryRun, delay: timedelta) -> SummaryRun:
        due = self._leases.due[run.id] = self._leases.now() + delay
        self._runs[run.id] = replace(run, state=RunState.PENDING, next_attempt_at=due)
        return self._runs[run.id]

    def _open_run(self, lead_id: UUID) -> SummaryRun | None:
        runs = self._runs.values()
        return next((run for run in runs if run.lead_id == lead_id and run.state.is_open), None)


class MemorySyncRuns(SyncRunRepository):
    def __init__(self, tables: _Tables, now: Callable[[], datetime]) -> None:
        self._runs = tables.sync_runs
        self._leases = _Leases(tables.due, now)

    async def add(self, run: SyncRun) -> SyncRun:
        of_source = [other for other in self._runs.values() if other.source == run.source]
        of_slot = [other for other in of_source if run.slot and other.slot == run.slot]
        for standing in (*of_slot, *(other for other in of_source if other.state.is_open)):
            return standing
        self._leases.due[run.id] = self._leases.now()
        self._runs[run.id] = replace(run, state=SyncState.PENDING)
        return self._runs[run.id]

    async def get(self, run_id: SyncRunId) -> SyncRun | None:
        return self._runs.get(run_id)

    async def page(self, limit: int, after: Position | None) -> Sequence[SyncRun]:
        return _page(self._runs.values(), limit, after)

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


class MemoryUnitOfWork(UnitOfWork):
    def __init__(self, tables: _Tables, now: Callable[[], datetime]) -> None:
        self._leads = MemoryLeads(tables)
        self._summary_runs = MemorySummaryRuns(tables, now)
        self._sync_runs = MemorySyncRuns(tables, now)

    @property
    def leads(self) -> MemoryLeads:
        return self._leads

    @property
    def summary_runs(self) -> MemorySummaryRuns:
        return self._summary_runs

    @property
    def sync_runs(self) -> MemorySyncRuns:
        return self._sync_runs


class MemoryDatabase(UnitsOfWork, Probe):
    """`clock` is the database's own clock; `hook` is told of replaced leads around commits."""

    def __init__(self, clock: Clock, hook: CommitHook | None = None) -> None:
        self._clock = clock
        self._hook = hook
        self._tables = _Tables()
        self._writing = asyncio.Lock()

    def __call__(
        self, *, reads_only: bool = False
    ) -> AbstractAsyncContextManager[MemoryUnitOfWork]:
        return self._reading() if reads_only else self._written()

    async def ping(self) -> None:
        """It is never away."""

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[MemoryUnitOfWork]:
        yield MemoryUnitOfWork(self._tables, self._clock.now)

    @asynccontextmanager
    async def _written(self) -> AsyncIterator[MemoryUnitOfWork]:
        async with self._writing:
            tables = self._tables.copy()
            work = MemoryUnitOfWork(tables, self._clock.now)
            yield work
            saved = work.leads.saved
            if self._hook and saved:
                await self._hook.before_commit(saved)
            self._tables = tables
        if self._hook and saved:
            await self._hook.after_commit(saved)


def _origin(lead: Lead) -> tuple[str, str | None]:
    return lead.source, lead.external_id


def _page(rows: Iterable[D], limit: int, after: Position | None) -> list[D]:
    newest = sorted(rows, key=_place, reverse=True)
    if after is not None:
        newest = [row for row in newest if _place(row) < (after.created_at, after.id)]
    return newest[:limit]


def _place(row: _Dated) -> tuple[datetime, UUID]:
    return row.created_at, row.id
