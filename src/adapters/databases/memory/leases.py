"""Claiming and settling runs, the same for every kind of them."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from domain.summary import LeaseToken, SummaryRun
from domain.sync import SyncRun

R = TypeVar("R", SummaryRun, SyncRun)


class Leases:
    """Over the due times of all open runs, by the database's own clock."""

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
        stored = runs.get(run.id)
        if stored is None or stored.lease_token != token:
            return False
        runs[run.id] = run
        if due is None:
            self.due.pop(run.id, None)
        else:
            self.due[run.id] = due
        return True
