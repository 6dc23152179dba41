"""Try summarizers on golden cases: each answer is checked, counted and timed, and nothing kept.

Every summarizer is asked by itself, without those that would stand in for it. A paid one is not
asked about leads of which next to nothing is known, as no run would ask it either.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import FailureType, SummarizerFailed
from domain.evaluation import CaseResult, Evaluation, broken_caps
from domain.golden import GoldenCase
from domain.grounding import Finding
from domain.insight import Insight, SummarizerAnswer, Usage
from domain.ports import Paid, Summarizer
from domain.summary_input import SummaryInput

log = logging.getLogger(__name__)

Check = Callable[[Insight, SummaryInput], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Evaluate:
    """`concurrency` bounds the calls at once; `cost` tells micro-dollars by model and tokens.

    It tells None where it does not know the model's price.
    """

    summarizers: Mapping[str, Summarizer]
    check: Check
    concurrency: int
    cost: Callable[[str, Usage], int | None]
    seconds: Callable[[], float] = time.monotonic

    async def __call__(
        self, cases: Sequence[GoldenCase], progressed: Callable[[str, int], None]
    ) -> Sequence[Evaluation]:
        """One evaluation per summarizer; `progressed` is told its name and the cases done with."""
        return [
            await self._evaluation(name, summarizer, cases, progressed)
            for name, summarizer in self.summarizers.items()
        ]

    async def _evaluation(
        self,
        name: str,
        summarizer: Summarizer,
        cases: Sequence[GoldenCase],
        progressed: Callable[[str, int], None],
    ) -> Evaluation:
        asked = [c for c in cases if not (isinstance(summarizer, Paid) and c.known.is_sparse)]
        room, done = asyncio.Semaphore(self.concurrency), len(cases) - len(asked)

        async def result(case: GoldenCase) -> CaseResult:
            nonlocal done
            async with room:
                answered = await self._result(summarizer, case)
            done += 1
            progressed(name, done)
            return answered

        results = await asyncio.gather(*map(result, asked))
        return Evaluation(name, tuple(results), len(cases) - len(asked))

    async def _result(self, summarizer: Summarizer, case: GoldenCase) -> CaseResult:
        started = self.seconds()
        outcome = await _outcome(summarizer, case.known)
        seconds = self.seconds() - started
        cost = self._cost(summarizer, outcome.usage)
        if isinstance(outcome, SummarizerFailed):
            return CaseResult(
                case=case, failure=outcome.type, usage=outcome.usage, cost=cost, seconds=seconds
            )
        insight = outcome.insight
        return CaseResult(
            case=case,
            insight=insight,
            broken_caps=tuple(broken_caps(insight)),
            ungrounded=tuple(self.check(insight, case.known)),
            missed=tuple(case.expected.missed_by(insight)),
            usage=outcome.usage,
            cost=cost,
            seconds=seconds,
        )

    def _cost(self, summarizer: Summarizer, usage: Usage) -> int | None:
        return self.cost(summarizer.model, usage) if isinstance(summarizer, Paid) else 0


async def _outcome(
    summarizer: Summarizer, known: SummaryInput
) -> SummarizerAnswer | SummarizerFailed:
    """A defect in one answer must not lose the others, which may be paid for."""
    try:
        return await summarizer.summarize(known)
    except SummarizerFailed as failure:
        return failure
    except Exception as error:
        log.exception("the summarizer broke its contract")
        return SummarizerFailed(FailureType.INTERNAL, type(error).__name__)
