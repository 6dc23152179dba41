"""Golden cases: leads for which it is known what a sensible summarizer would say."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.insight import Channel, Insight, NextActionType
from domain.summary_input import SummaryInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is acceptable; `channels` may be empty, for any. Words are found in any case."""

    types: frozenset[NextActionType]
    channels: frozenset[Channel] = frozenset()
    must_mention: tuple[str, ...] = ()
    must_not_mention: tuple[str, ...] = ()

    def missed_by(self, insight: Insight) -> Sequence[str]:
        """What is not as expected, in words; empty if all is."""
        said = _said(insight)
        return (
            *([] if insight.next_action_type in self.types else [f"is {insight.next_action_type}"]),
            *([] if self._is_reached(insight) else [f"is by {insight.channel}"]),
            *(f"lacks {words!r}" for words in self.must_mention if words.casefold() not in said),
            *(f"says {words!r}" for words in self.must_not_mention if words.casefold() in said),
        )

    def _is_reached(self, insight: Insight) -> bool:
        return not self.channels or insight.channel in self.channels


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenCase:
    """`review` is what a person thinks of what the rules say about it."""

    id: str
    known: SummaryInput
    expected: Expected
    review: str = ""


def _said(insight: Insight) -> str:
    claims = (claim.text for claim in insight.claims)
    return "\n".join((insight.summary, insight.next_action, insight.reason, *claims)).casefold()
