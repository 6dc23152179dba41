"""Ask one summarizer once: within the budget and the rate, and believe only what it can show.

The worst that a call may cost is reserved before it waits for its turn, so that the turn is
taken right before the call. Free summarizers, such as rules, are asked at once.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar, cast
from uuid import UUID

from application.attempt import Attempt, Outcome
from application.spending import Spending, Throttle
from domain.errors import FailureType, SummarizerFailed
from domain.grounding import ungrounded
from domain.insight import Insight, SummarizerAnswer
from domain.masking import Masked, mask
from domain.ports import Paid, Summarizer, WarmsUp
from domain.summary import Spent
from domain.summary_input import SummaryInput

log = logging.getLogger(__name__)

CHECKED_AT_ONCE = 4_000
"""Characters of an answer and its evidence: no such text, however hostile, takes 20 ms to check."""

NOBODY_ASKED = Spent(latency=timedelta(0))

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class AskSummarizer:
    """`masks` is whether names, addresses and numbers are kept from whoever is not our own.

    `seconds` is a clock that is never set back; `aside` does what may take tenths of a second,
    as long and hostile texts do, while others use the loop.
    """

    spending: Spending
    throttle: Throttle
    masks: bool = False
    seconds: Callable[[], float] = time.monotonic
    aside: Callable[..., Awaitable[Outcome]] = asyncio.to_thread

    async def __call__(
        self, name: str, summarizer: Summarizer, known: SummaryInput, *, is_ours: bool = False
    ) -> Attempt:
        """Never raises but for cancellation; what is ours sends nothing anywhere."""
        masked = mask(known) if self.masks and not is_ours else None
        attempt = await self._asked(name, summarizer, masked.known if masked else known)
        if isinstance(attempt.outcome, SummarizerFailed):
            return attempt
        if _length(attempt.outcome.insight) + _length_of(known) <= CHECKED_AT_ONCE:
            outcome = _believed(attempt.outcome, masked, known)
        else:
            outcome = await self.aside(_believed, attempt.outcome, masked, known)
        return attempt if outcome is attempt.outcome else replace(attempt, outcome=outcome)

    async def _asked(self, name: str, summarizer: Summarizer, known: SummaryInput) -> Attempt:
        if (paid := _as(Paid, summarizer)) is None:  # type: ignore[type-abstract]
            outcome, latency = await self._timed(summarizer, known)
            return Attempt(outcome, Spent(usage=outcome.usage, latency=latency))
        try:
            reservation = await self.spending.reserve(name, paid.model, paid.worst_case(known))
        except SummarizerFailed as refused:
            return Attempt(refused, NOBODY_ASKED)
        try:
            call = await self._turn_of(summarizer)
        except SummarizerFailed as refused:
            await self.spending.release(reservation)
            return Attempt(refused, NOBODY_ASKED, was_held_back=True)
        except asyncio.CancelledError:
            await self.spending.release(reservation)
            raise
        try:
            outcome, latency = await self._timed(summarizer, known)
        finally:
            await self.throttle.end(call)
        failure = outcome.type if isinstance(outcome, SummarizerFailed) else None
        cost = await self.spending.settle(reservation, outcome.usage, failure)
        return Attempt(outcome, Spent(usage=outcome.usage, cost=cost, latency=latency))

    async def _turn_of(self, summarizer: Summarizer) -> UUID:
        """Nothing but the call itself is left to do once its turn has come."""
        if (slow := _as(WarmsUp, summarizer)) is not None:  # type: ignore[type-abstract]
            try:
                await slow.warm_up()
            except Exception as error:
                log.exception("the summarizer cannot get ready")
                raise SummarizerFailed(FailureType.INTERNAL, type(error).__name__) from None
        return await self.throttle.begin()

    async def _timed(
        self, summarizer: Summarizer, known: SummaryInput
    ) -> tuple[Outcome, timedelta]:
        started = self.seconds()
        outcome = await _outcome(summarizer, known)
        return outcome, timedelta(seconds=self.seconds() - started)


# to ask whether an object is as a protocol says costs more than all else that is done here; the
# answer is the same for all of one class
_KNOWN: dict[tuple[type, type], bool] = {}


def _as(protocol: type[P], summarizer: Summarizer) -> P | None:
    """The summarizer, if it is one of those."""
    kind = type(summarizer), protocol
    if kind not in _KNOWN:
        _KNOWN[kind] = isinstance(summarizer, protocol)
    return cast("P", summarizer) if _KNOWN[kind] else None


def _length(insight: Insight) -> int:
    """Of its texts, in characters."""
    texts = [insight.summary, insight.next_action, insight.reason]
    texts += [claim.text for claim in insight.claims]
    return sum(map(len, texts))


def _length_of(known: SummaryInput) -> int:
    """Of its texts, in characters."""
    texts = [*known.facts.values()]
    texts += [activity.text for activity in known.activities]
    return sum(map(len, texts))


def _believed(outcome: SummarizerAnswer, masked: Masked | None, known: SummaryInput) -> Outcome:
    """The answer with the data again, if it says nothing that nobody has told us."""
    if masked is not None:
        try:
            outcome = replace(outcome, insight=masked.reveal(outcome.insight))
        except SummarizerFailed as failure:
            return SummarizerFailed(failure.type, failure.detail, usage=outcome.usage)
    if not (found := ungrounded(outcome.insight, known)):
        return outcome
    places = ", ".join(f"{finding.kind} in {finding.where}" for finding in found[:5])
    detail = f"the answer says what is not in the data: {places}"
    return SummarizerFailed(FailureType.UNGROUNDED, detail, usage=outcome.usage)


async def _outcome(summarizer: Summarizer, known: SummaryInput) -> Outcome:
    """A defect in an adapter is a failed attempt like any other, not a crashed worker."""
    try:
        return await summarizer.summarize(known)
    except SummarizerFailed as failure:
        return failure
    except Exception as error:
        log.exception("the summarizer broke its contract")
        return SummarizerFailed(FailureType.INTERNAL, type(error).__name__)
