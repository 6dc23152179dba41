"""Ask for an insight: the first summarizer that can serve, and what each attempt took.

A lead of which next to nothing is known is not shown to a model, which could only invent. Where
a provider is away or its budget is used up, the next one that was configured is asked, and the
answer is labelled with who gave it. Whoever is only held back by the rate waits for its turn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from application.ask_summarizer import AskSummarizer
from application.attempt import Attempt
from domain.errors import FailureType, SummarizerFailed
from domain.ports import Summarizer
from domain.summary import PassedOver, Spent
from domain.summary_input import SummaryInput

AWAY = frozenset(
    {FailureType.QUOTA, FailureType.UNAVAILABLE, FailureType.TIMEOUT, FailureType.CREDENTIALS}
)
"""What another provider may do better; a nonsensical answer is for the same one to mend."""


@dataclass(frozen=True, slots=True)
class SummarizerChain:
    """`links` by their configured names, in the order of asking; `for_sparse` costs nothing."""

    links: Mapping[str, Summarizer]
    for_sparse: Summarizer
    ask: AskSummarizer

    async def __call__(self, known: SummaryInput) -> Attempt:
        """Never raises but for cancellation; ValueError without links."""
        if known.is_sparse:
            return await self.ask("rules", self.for_sparse, known, is_ours=True)
        if not self.links:
            raise ValueError("no summarizer is configured")
        spent: Spent | None = None
        for name, summarizer in self.links.items():
            is_ours = summarizer is self.for_sparse
            attempt = await self.ask(name, summarizer, known, is_ours=is_ours)
            spent = spent + attempt.spent if spent else attempt.spent
            failure = attempt.outcome
            if (
                not isinstance(failure, SummarizerFailed)
                or failure.type not in AWAY
                or attempt.was_held_back
            ):
                break
            passed = PassedOver(name, failure.type)
            spent = replace(spent, passed_over=(*spent.passed_over, passed))
        if spent is None or spent is attempt.spent:
            return attempt
        return replace(attempt, spent=spent)
