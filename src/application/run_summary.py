"""Bring claimed summary runs to an end: read, ask the AI with nothing open, write once.

An answer counts only if the lease under which it was asked for still stands. A failure is
kept on the run, typed, and never touches an older summary.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from application.breaker import Breaker
from application.known_lead import basis_of, known_of
from application.ports import Clock, Ids, Jitter, UnitsOfWork
from application.summarizer_chain import SummarizerChain
from domain.errors import DatabaseUnavailable, FailureType, SummarizerFailed
from domain.lead import Lead, LeadId
from domain.summary import (
    LEAD_DELETED,
    LeaseToken,
    RetryPolicy,
    RunError,
    RunState,
    SummaryRun,
    SummaryRunId,
)
from domain.summary_input import SummaryInput
from domain.timeline import Actor, ActorKind, Event, EventId, EventType

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunSummaries:
    unit_of_work: UnitsOfWork
    ask: SummarizerChain
    clock: Clock
    ids: Ids
    jitter: Jitter
    retries: RetryPolicy
    breaker: Breaker = field(default_factory=Breaker)
    pauses: Sequence[float] = (0.2, 0.5, 1.0, 2.0, 4.0)
    """Seconds between attempts to write an outcome; all together less than a lease."""
    progressed: Callable[[], None] = lambda: None
    """Called after each commit that those who wait for a run want to see."""

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
        lead, known = await known_of(self.unit_of_work, LeadId(run.lead_id))
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
        """Write an outcome that may have been paid for, also through a short outage."""
        for pause in self.pauses:
            try:
                await self._write(held, after, retry_in)
            except DatabaseUnavailable:
                await asyncio.sleep(pause)
            else:
                break
        else:
            await self._write(held, after, retry_in)
        self.progressed()

    async def _write(self, held: SummaryRun, after: SummaryRun, retry_in: timedelta | None) -> None:
        """Write the run and what it means for its lead, if the lease still stands."""
        async with self.unit_of_work() as work:
            lead = await work.leads.get(LeadId(after.lead_id), for_update=True)
            if not await work.summary_runs.settle(after, held.claim, retry_in):
                log.info("a late answer was dropped", extra={"run": str(held.id)})
                return
            if lead is None or after.state.is_open:
                return
            now = self.clock.now()
            if after.state is RunState.SUCCEEDED and after.insight and after.basis:
                await work.leads.save(lead.summarized(after.insight, after.basis, now))
                await work.timeline.add([self._told(after, now)])
            else:
                await work.leads.save(lead.without_summary(now))

    def _told(self, run: SummaryRun, now: datetime) -> Event:
        return Event(
            id=EventId(self.ids.new()),
            lead_id=run.lead_id,
            type=EventType.SUMMARIZED,
            by=Actor(ActorKind.AI, run.provider or "unknown"),
            created_at=now,
            subject=run.id,
        )
