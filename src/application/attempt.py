"""What one attempt to get an insight came to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from domain.errors import SummarizerFailed
from domain.insight import SummarizerAnswer
from domain.summary import Spent
from domain.summary_input import SummaryInput

Outcome: TypeAlias = SummarizerAnswer | SummarizerFailed


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt ended, and what it took, whichever way.

    It was held back if nobody was asked, as it was not yet its turn.
    """

    outcome: Outcome
    spent: Spent
    was_held_back: bool = False


Ask: TypeAlias = Callable[[SummaryInput], Awaitable[Attempt]]
"""Never raises but for cancellation."""
