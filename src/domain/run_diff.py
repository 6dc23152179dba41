"""What a summary run says that the one before it did not, and what had moved between the two."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from domain.insight import Insight
from domain.summary import SummaryRun, SummaryRunId

MADE_BY = ("provider", "model", "prompt_version")


@dataclass(frozen=True, slots=True)
class InsightChange:
    """A field of the insight, or of who made it, with its values of any type."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class RunDiff:
    """`previous_id` is None, and nothing is different, where there was no insight before.

    `input_changes` is in words, and None where what an insight was made of was not kept yet.
    """

    run_id: SummaryRunId
    previous_id: SummaryRunId | None
    input_changes: Sequence[str] | None
    changes: Sequence[InsightChange]

    @classmethod
    def of(cls, run: SummaryRun, previous: SummaryRun | None) -> "RunDiff":
        if previous is None:
            return cls(run.id, None, (), ())
        moved = previous.basis.moved_to(run.basis) if previous.basis and run.basis else None
        said = [
            InsightChange(field.name, before, after)
            for field in fields(Insight)
            if (before := getattr(previous.insight, field.name))
            != (after := getattr(run.insight, field.name))
        ]
        made = [
            InsightChange(name, getattr(previous, name), getattr(run, name))
            for name in MADE_BY
            if getattr(previous, name) != getattr(run, name)
        ]
        return cls(run.id, previous.id, moved, (*said, *made))
