"""Ask for an insight: the first summarizer that can serve, and what each attempt took.

A lead of which next to nothing is known is not shown to a model, which could only invent. Where
a provider is away or its budget is used up, the next one that was configured is asked, and the
answer is labelled with who gave it.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from domain.errors import FailureType, SummarizerFailed
from domain.insight import SummarizerAnswer
from domain.ports import Summarizer
from domain.summary import PassedOver, Spent
from domain.summary_input import SummaryInput

log = logging.getLogger(__name__)

AWAY = frozenset(
    {FailureType.QUOTA, FailureType.UNAVAILABLE, FailureType.TIMEOUT, FailureType.CREDENTIALS}
)
"""What another provider may do better; a nonsensical answer is for the same one to mend."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt ended, and what it took, whichever way."""

    outcome: SummarizerAnswer | SummarizerFailed
    spent: Spent


@dataclass(frozen=True, slots=True)
class SummarizerChain:
    """`links` by their configured names, in the order of asking; `for_sparse` costs nothing."""

    links: Mapping[str, Summarizer]
    for_sparse: Summarizer
    seconds: Callable[[], float] = time.monotonic

    async def __call__(self, known: SummaryInput) -> Attempt:
        """Never raises but for cancellation."""
        if known.is_sparse:
            return await self._ask(self.for_sparse, known)
        spent, attempt = Spent(), None
        for name, summarizer in self.links.items():
            attempt = await self._ask(summarizer, known)
            spent = _together(spent, attempt.spent)
            failure = attempt.outcome
            if not isinstance(failure, SummarizerFailed) or failure.type not in AWAY:
                break
            spent = replace(spent, passed_over=(*spent.passed_over, PassedOver(name, failure.type)))
        if attempt is None:
            raise ValueError("no summarizer is configured")
        return Attempt(attempt.outcome, spent)

    async def _ask(self, summarizer: Summarizer, known: SummaryInput) -> Attempt:
        started = self.seconds()
        outcome = await _outcome(summarizer, known)
        latency = timedelta(seconds=self.seconds() - started)
        return Attempt(outcome, Spent(usage=outcome.usage, latency=latency))


async def _outcome(
    summarizer: Summarizer, known: SummaryInput
) -> SummarizerAnswer | SummarizerFailed:
    """A defect in an adapter is a failed attempt like any other, not a crashed worker."""
    try:
        return await summarizer.summarize(known)
    except SummarizerFailed as failure:
        return failure
    except Exception as error:
        log.exception("the summarizer broke its contract")
        return SummarizerFailed(FailureType.INTERNAL, type(error).__name__)


def _together(one: Spent, other: Spent) -> Spent:
    costs = [cost for cost in (one.cost, other.cost) if cost is not None]
    latencies = [latency for latency in (one.latency, other.latency) if latency is not None]
    return Spent(
        usage=one.usage + other.usage,
        cost=sum(costs) if costs else None,
        latency=sum(latencies, timedelta(0)),
        passed_over=(*one.passed_over, *other.passed_over),
    )
