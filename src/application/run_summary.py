"""Bring claimed summary runs to an end: read, ask the AI with nothing open, write once.

An answer counts only if the lease under which it was asked for still stands. A failure is
kept on the run, typed, and never touches an older summary.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from application.attempt import Ask
from application.breaker import Breaker
from application.known_lead import KnownLeads, basis_of
from application.ports import Clock, Ids, Jitter, UnitsOfWork
from application.settle_runs import PAUSES, SettleRuns
from domain.errors import FailureType, SummarizerFailed
from domain.lead import Lead, LeadId
from domain.summary import (
    LEAD_DELETED,
    LeaseToken,
    RetryPolicy,
    RunError,
    RunSettlement,
    SummaryRun,
    SummaryRunId,
)
from domain.summary_input import SummaryInput

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class RunSummaries:
    unit_of_work: UnitsOfWork
    ask: Ask
    clock: Clock
    ids: Ids
    jitter: Jitter
    retries: RetryPolicy
    breaker: Breaker = field(default_factory=Breaker)
    pauses: Sequence[float] = PAUSES
    progressed: Callable[[], None] = lambda: None
    """Called after each commit that those who wait for a run want to see."""
    _known_of: KnownLeads = field(init=False)
    _write: SettleRuns = field(init=False)

    def __post_init__(self) -> None:
        self._known_of = KnownLeads(self.unit_of_work)
        self._write = SettleRuns(self.unit_of_work, self.clock, self.ids, self.pauses)

    async def claim(
        self, limit: int, lease: timedelta, beside: Collection[SummaryRun] = ()
    ) -> Sequence[SummaryRun]:
        """Take due runs; none while the provider refuses our credentials."""
        allowed = self.breaker.allowed(limit, self.clock.now())
        if not allowed:
            return []
        async with self.unit_of_work() as work:
            token = LeaseToken(self.ids.new())
            runs = await work.summary_runs.claim(token, lease, allowed, beside)
        if runs:
            self.progressed()
        return runs

    async def renew(self, runs: Collection[SummaryRun], lease: timedelta) -> set[SummaryRunId]:
        async with self.unit_of_work() as work:
            return await work.summary_runs.renew({run.claim for run in runs}, lease)

    async def give_back(self, run: SummaryRun) -> None:
        async with self.unit_of_work() as work:
            await work.summary_runs.settle(run.given_back(), run.claim)

    async def perform(self, run: SummaryRun) -> None:
        """One attempt at a claimed run."""
        lead, known = await self._known_of(LeadId(run.lead_id))
        if run.is_poisonous:
            error = RunError(FailureType.CRASHED, f"{run.blamed} workers died of this run")
            await self._settle(run, run.given_up(error, self.clock.now()))
        elif lead is None:
            await self._settle(run, run.given_up(LEAD_DELETED, self.clock.now()))
        else:
            await self._attempt(run, lead, known)

    async def _attempt(self, run: SummaryRun, lead: Lead, known: SummaryInput) -> None:
        attempt = await self.ask(known)
        now = self.clock.now()
        outcome = attempt.outcome
        if isinstance(outcome, SummarizerFailed):
            self._mind_credentials(outcome, now)
            after, retry_in = run.after(
                outcome, now, self.retries, self.jitter.chance(), attempt.spent
            )
            log.warning("summary failed", extra={"run": str(run.id), "type": outcome.type.value})
            await self._settle(run, after, retry_in)
        else:
            self.breaker.close()
            basis = basis_of(run, lead, known, outcome)
            await self._settle(run, run.answered(outcome, basis, now, attempt.spent))

    def _mind_credentials(self, failure: SummarizerFailed, now: datetime) -> None:
        """With a wrong key every run would fail: leave them all in peace until it is mended."""
        if failure.type is FailureType.CREDENTIALS:
            self.breaker.trip(now)
        elif failure.burns_attempt:
            # somebody was asked, and took the key
            self.breaker.close()

    async def _settle(
        self, held: SummaryRun, after: SummaryRun, retry_in: timedelta | None = None
    ) -> None:
        await self._write(RunSettlement(after, held.claim, retry_in))
        self.progressed()
