"""Summaries by fixed rules: free, offline, the same each time, and never more than is known."""

from adapters.summarizers._rules_table import MODEL, PROMPT_VERSION
from domain.insight import SummarizerAnswer
from domain.ports import Summarizer
from domain.summary_input import SummaryInput


class RulesSummarizer(Summarizer):
    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        """Never fails."""
        # an API has it at hand and never asks it; its patterns take long to compile
        from adapters.summarizers._rules_insight import insight_of  # noqa: PLC0415

        return SummarizerAnswer(
            insight=insight_of(known), provider="rules", model=MODEL, prompt_version=PROMPT_VERSION
        )

    async def close(self) -> None:
        """Nothing is held open."""
