"""How a summarizer did on golden cases."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.errors import FailureType
from domain.golden import GoldenCase
from domain.grounding import Finding
from domain.insight import (
    MAX_CLAIM,
    MAX_CLAIMS,
    MAX_DUE_IN_DAYS,
    MAX_EVIDENCE,
    MAX_NEXT_ACTION,
    MAX_REASON,
    MAX_SUMMARY,
    NO_USAGE,
    Insight,
    Usage,
)


def broken_caps(insight: Insight) -> Sequence[str]:
    """The parts of it that are blank where they must not be, or hold more than they may."""
    texts = {
        "summary": (insight.summary, MAX_SUMMARY),
        "next_action": (insight.next_action, MAX_NEXT_ACTION),
        "reason": (insight.reason, MAX_REASON),
        **{f"claims/{n}": (claim.text, MAX_CLAIM) for n, claim in enumerate(insight.claims)},
    }
    broken = [where for where, (text, cap) in texts.items() if not 0 < len(text.strip()) <= cap]
    broken += [
        f"claims/{n}/evidence"
        for n, claim in enumerate(insight.claims)
        if not 0 < len(claim.evidence) <= MAX_EVIDENCE
    ]
    if not 0 < len(insight.claims) <= MAX_CLAIMS:
        broken.append("claims")
    if not 0 <= (insight.due_in_days or 0) <= MAX_DUE_IN_DAYS:
        broken.append("due_in_days")
    return broken


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One answer and what is wrong with it, or why there is none; `cost` in micro-dollars."""

    case: GoldenCase
    insight: Insight | None = None
    failure: FailureType | None = None
    broken_caps: tuple[str, ...] = ()
    ungrounded: tuple[Finding, ...] = ()
    missed: tuple[str, ...] = ()
    usage: Usage = NO_USAGE
    cost: int | None = None
    seconds: float

    @property
    def fits_schema(self) -> bool:
        return self.insight is not None and not self.broken_caps

    @property
    def is_grounded(self) -> bool:
        return self.insight is not None and not self.ungrounded

    @property
    def is_expected(self) -> bool:
        return self.insight is not None and not self.missed


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results of one summarizer; `left_out` counts the cases that it was not asked about."""

    summarizer: str
    results: tuple[CaseResult, ...]
    left_out: int = 0

    @property
    def schema(self) -> float:
        """Percent of the cases; one without an answer counts as none of these three."""
        return self._percent(lambda result: result.fits_schema)

    @property
    def grounded(self) -> float:
        return self._percent(lambda result: result.is_grounded)

    @property
    def expected(self) -> float:
        return self._percent(lambda result: result.is_expected)

    @property
    def usage(self) -> Usage:
        return sum((result.usage for result in self.results), NO_USAGE)

    @property
    def cost(self) -> int | None:
        """In micro-dollars; None where no price is known."""
        costs = [result.cost for result in self.results if result.cost is not None]
        return sum(costs) if costs else None

    def latency(self, percentile: int) -> float:
        """In seconds, by the nearest rank among all calls; 0 where there was none."""
        times: Sequence[float] = sorted(result.seconds for result in self.results)
        return times[math.ceil(len(times) * percentile / 100) - 1] if times else 0.0

    def _percent(self, holds: Callable[[CaseResult], bool]) -> float:
        return 100 * sum(map(holds, self.results)) / len(self.results) if self.results else 0.0
