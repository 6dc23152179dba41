"""Show what the AI did on a day, what it cost, and what the day has left."""

from dataclasses import dataclass
from datetime import date, datetime

from application.ports import Clock, UnitsOfWork
from domain.budget import DailyCaps, DayUsage, day_of, end_of


@dataclass(frozen=True, slots=True)
class DayReport:
    """`caps` are those of now, whatever they were on the day."""

    usage: DayUsage
    caps: DailyCaps
    resets_at: datetime

    @property
    def remaining(self) -> DailyCaps:
        """What may still be reserved; None where there is no cap."""
        taken = self.usage.micros + self.usage.reserved_micros
        return DailyCaps(_left(self.caps.micros, taken), _left(self.caps.calls, self.usage.calls))


@dataclass(frozen=True, slots=True)
class ReadAiUsage:
    unit_of_work: UnitsOfWork
    clock: Clock
    caps: DailyCaps

    async def __call__(self, day: date | None = None) -> DayReport:
        """Today's, in UTC, unless told."""
        day = day or day_of(self.clock.now())
        async with self.unit_of_work(reads_only=True) as work:
            usage = await work.ai_budget.usage(day)
        return DayReport(usage, self.caps, end_of(day))


def _left(cap: int | None, taken: int) -> int | None:
    return None if cap is None else max(cap - taken, 0)
