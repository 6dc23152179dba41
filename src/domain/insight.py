"""What a summary says: who this is, the one thing to do next, and what each claim rests on."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

N = TypeVar("N", int, timedelta)


class NextActionType(StrEnum):
    """What kind of thing is to be done; `none` where the lead is to be left in peace."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    DEMO = "demo"
    QUOTE = "quote"
    ANSWER = "answer"
    FOLLOW_UP = "follow_up"
    RESEARCH = "research"
    HAND_OVER = "hand_over"
    DISQUALIFY = "disqualify"
    NONE = "none"


class Channel(StrEnum):
    """How the lead is reached; `none` where nobody is to be reached."""

    PHONE = "phone"
    EMAIL = "email"
    IN_PERSON = "in_person"
    NONE = "none"


class Priority(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Confidence(StrEnum):
    """How much was known, as we count it; no model is asked how sure it is of itself."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


MAX_SUMMARY = 1_000
MAX_NEXT_ACTION = 300
MAX_REASON = 300
MAX_CLAIM = 300
MAX_CLAIMS = 20
MAX_EVIDENCE = 10
MAX_DUE_IN_DAYS = 365
"""What an insight may hold at most; texts in characters."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement, and the fields and activities by their ids that it rests on."""

    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """What a salesperson reads; `due_in_days` is None where nothing is to be done."""

    summary: str
    next_action: str
    next_action_type: NextActionType
    channel: Channel
    priority: Priority
    due_in_days: int | None
    reason: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that were paid for; None where a provider does not say, or takes none."""

    input_tokens: int | None = None
    output_tokens: int | None = None

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            added(self.input_tokens, other.input_tokens),
            added(self.output_tokens, other.output_tokens),
        )


NO_USAGE = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarizerAnswer:
    """An insight and where it came from."""

    insight: Insight
    provider: str
    model: str
    prompt_version: str
    usage: Usage = NO_USAGE


def added(one: N | None, other: N | None) -> N | None:
    """The sum of what is known; None if neither is."""
    return other if one is None else one if other is None else one + other
