"""Somebody else's summarizer and lead source, in a package of their own."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from domain.incoming import IncomingLead
from domain.insight import Channel, Claim, Insight, NextActionType, Priority, SummarizerAnswer
from domain.summary_input import SummaryInput


class Acme:
    """Greets everybody alike."""

    def __init__(self, settings: Any) -> None:
        self.greeting = settings.plugin_values["CRM_SUMMARIZER_ACME_GREETING"]

    async def summarize(self, known: SummaryInput) -> SummarizerAnswer:
        name = known.facts["name"][:80].strip()
        insight = Insight(
            summary=f"{self.greeting} {name}.",
            next_action=f"Write to {name}.",
            next_action_type=NextActionType.EMAIL,
            channel=Channel.EMAIL,
            priority=Priority.LOW,
            due_in_days=None,
            reason="It is polite to greet them.",
            claims=(Claim(f"The lead is called {name}.", ("name",)),),
        )
        return SummarizerAnswer(insight=insight, provider="acme", model="1", prompt_version="1")

    async def close(self) -> None:
        """Nothing is held open."""


class AcmeLeads:
    """Offers the same lead each time."""

    name = "acme"

    def __init__(self, settings: Any) -> None:
        """Needs none of the settings."""

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        yield [IncomingLead({"name": "Wile E.", "email": "wile@acme.example"})]
