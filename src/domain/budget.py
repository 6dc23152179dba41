"""What the AI may cost: prices, the worst case of a call, a day's caps, and how often it is asked.

Money is whole micro-dollars (1 USD = 1,000,000 micros), rounded up; a day is a UTC day.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from domain.errors import FailureType
from domain.insight import Usage

MICROS_PER_USD = 1_000_000
TOKENS_PER_PRICE = 1_000_000
NOTHING = Usage(0, 0)
REFUSED_UNPAID = frozenset({FailureType.QUOTA, FailureType.CREDENTIALS})
"""Failures before a model was run; any other call may have been paid for."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's tokens cost, as price lists have it."""

    input_micros_per_million_tokens: int
    output_micros_per_million_tokens: int

    def cost(self, usage: Usage) -> int:
        """In micros, rounded up; tokens that are not told cost nothing: see `paid`."""
        parts = (usage.input_tokens or 0) * self.input_micros_per_million_tokens + (
            usage.output_tokens or 0
        ) * self.output_micros_per_million_tokens
        return -(-parts // TOKENS_PER_PRICE)


@dataclass(frozen=True, slots=True)
class DailyCaps:
    """What one day may cost at most; None for as much as it takes."""

    micros: int | None = None
    calls: int | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many calls in any span of this length, wherever it begins."""

    calls: int
    window: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """The worst that a call may cost, counted against its day before it is made."""

    day: date
    provider: str
    model: str
    worst: Usage
    micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of a reserved call; a token count that nobody knows is counted as reserved."""

    usage: Usage
    micros: int
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUsage:
    """One model's calls of a day that came to an end, `failed` among them."""

    provider: str
    model: str
    calls: int = 0
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    micros: int = 0

    def with_call(self, settlement: Settlement) -> "ModelUsage":
        return ModelUsage(
            provider=self.provider,
            model=self.model,
            calls=self.calls + 1,
            failed=self.failed + settlement.failed,
            input_tokens=self.input_tokens + (settlement.usage.input_tokens or 0),
            output_tokens=self.output_tokens + (settlement.usage.output_tokens or 0),
            micros=self.micros + settlement.micros,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUsage:
    """A day's calls and money, with what is reserved for calls whose end nobody has told yet.

    `models` are sorted by provider and model.
    """

    day: date
    calls: int = 0
    micros: int = 0
    reserved_micros: int = 0
    models: tuple[ModelUsage, ...] = ()

    def has_room(self, micros: int, caps: DailyCaps) -> bool:
        """Whether another call of this worst case keeps within the caps."""
        taken = self.micros + self.reserved_micros + micros
        return (caps.micros is None or taken <= caps.micros) and (
            caps.calls is None or self.calls < caps.calls
        )


def paid(usage: Usage, worst: Usage, failure: FailureType | None = None) -> Usage:
    """What a call has used; a count that nobody tells is the most that it can be."""
    most = NOTHING if failure in REFUSED_UNPAID else worst
    if usage.input_tokens is None:
        usage = replace(usage, input_tokens=most.input_tokens)
    if usage.output_tokens is None:
        usage = replace(usage, output_tokens=most.output_tokens)
    return usage


def day_of(now: datetime) -> date:
    """The UTC day."""
    return now.astimezone(UTC).date()


def end_of(day: date) -> datetime:
    """Midnight UTC, when the next day's caps begin."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)
