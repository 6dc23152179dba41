"""The database server, which outlives every process, and what the network makes of calls to it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from adapters.databases.memory import MemoryDatabase
from adapters.databases.memory.tables import Tables
from application.ports import Clock, CommitHook, UnitOfWork, UnitsOfWork
from domain.errors import DatabaseUnavailable
from domain.lead import Lead
from domain.summary import LeaseToken
from tests.simulation.history import Committed, History
from tests.simulation.loop import PROCESS, Process
from tests.simulation.weather import Weather


class DatabaseServer(UnitsOfWork, CommitHook):
    """One memory database behind a network; each process has its own hook around its commits.

    Every commit is noted in the very step in which it happens.
    """

    def __init__(self, clock: Clock, weather: Weather, history: History) -> None:
        self.away = False
        self.writing: Counter[Process] = Counter()
        """How many transactions of each process write, or wait for their turn."""
        self.hooks: dict[Process, CommitHook] = {}
        self._clock = clock
        self._weather = weather
        self._history = history
        self._database = MemoryDatabase(clock, hook=self)
        self._seen = Tables()
        self._claimants: dict[LeaseToken, str] = {}

    @asynccontextmanager
    async def __call__(self, *, reads_only: bool = False) -> AsyncIterator[UnitOfWork]:
        await self.travel()
        process = PROCESS.get()
        self.writing[process] += not reads_only
        try:
            async with self._database(reads_only=reads_only) as work:
                yield cast("UnitOfWork", RemoteWork(work, self))
                await self.travel()
        finally:
            self.writing[process] -= not reads_only
        self._note_commit()
        await self.travel()

    async def travel(self) -> None:
        """A statement or an answer on its way; DatabaseUnavailable if the server is away."""
        await self._weather.hop()
        if self.away:
            raise DatabaseUnavailable("the database is away")

    async def before_commit(self, leads: Sequence[Lead]) -> None:
        await self.hooks[PROCESS.get()].before_commit(leads)
        await self.travel()

    async def after_commit(self, leads: Sequence[Lead]) -> None:
        self._note_commit()
        await self.travel()
        if self._weather.strikes_with(self._weather.lost_commits):
            self.watch("commits whose answer was lost")
            raise DatabaseUnavailable("the connection broke at the commit")
        await self.hooks[PROCESS.get()].after_commit(leads)

    def disconnect(self) -> None:
        """After a kill: the turn that a dead writer was given goes to the next."""
        turn = self._database._writing
        if not turn.locked():
            turn._wake_up_first()  # type: ignore[attr-defined]

    @property
    def tables(self) -> Tables:
        return self._database._tables

    def watch(self, situation: str) -> None:
        self._history.figures[situation] += 1

    def held_by(self, process: str) -> list[str]:
        """The addresses of the leads whose runs this process holds under standing leases."""
        now, tables = self._clock.now(), self.tables
        return [
            tables.leads[run.lead_id].email
            for run in tables.summary_runs.values()
            if run.lease_token and self._claimants[run.lease_token] == process
            if run.lease_until and run.lease_until > now
        ]

    def _note_commit(self) -> None:
        seen, now = self._seen, self.tables
        if now is seen:
            return
        self._seen = now
        leads = tuple(row for key, row in now.leads.items() if seen.leads.get(key) is not row)
        runs = tuple(
            row for key, row in now.summary_runs.items() if seen.summary_runs.get(key) is not row
        )
        syncs = tuple(
            row for key, row in now.sync_runs.items() if seen.sync_runs.get(key) is not row
        )
        for run in runs:
            if run.lease_token:
                self._claimants.setdefault(run.lease_token, PROCESS.get().name)
        if leads or runs or syncs:
            at = self._clock.now().timestamp()
            self._history.add(Committed(PROCESS.get().name, at, leads, runs, syncs))


@dataclass(frozen=True, slots=True)
class RemoteWork:
    """A transaction on a server: every call goes there, and its answer comes back."""

    work: Any
    server: DatabaseServer

    def __getattr__(self, name: str) -> "RemoteRepository":
        return RemoteRepository(getattr(self.work, name), self.server)


@dataclass(frozen=True, slots=True)
class RemoteRepository:
    repository: Any
    server: DatabaseServer

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.repository, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            await self.server.travel()
            result = await method(*args, **kwargs)
            if name == "settle" and result is False:
                self.server.watch("late answers dropped")
            await self.server.travel()
            return result

        return call
