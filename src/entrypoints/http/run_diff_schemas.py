"""A comparison of two summary runs, as it stands in the OpenAPI document."""

from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.run_diff import RunDiff
from entrypoints.lead_json import ClaimView

Value: TypeAlias = str | int | list[ClaimView] | None


class InsightChangeView(msgspec.Struct, frozen=True, rename={"before": "from", "after": "to"}):
    """A field of the insight, or of who made it, before and after."""

    field: Annotated[
        str,
        Meta(description="As in the run's `insight`, or `provider`, `model`, `prompt_version`"),
    ]
    before: Value
    after: Value


class RunDiffView(msgspec.Struct, frozen=True):
    """A run against the lead's run that succeeded before it; without one nothing is different."""

    run_id: UUID
    previous_run_id: UUID | None
    input_changes: Annotated[
        list[str] | None,
        Meta(
            description="What had moved between the two; null if it was not kept yet",
            examples=[["phone changed", "2 new activities"]],
        ),
    ]
    changes: list[InsightChangeView]

    @classmethod
    def of(cls, diff: RunDiff) -> "RunDiffView":
        return cls(
            run_id=diff.run_id,
            previous_run_id=diff.previous_id,
            input_changes=None if diff.input_changes is None else list(diff.input_changes),
            changes=[
                InsightChangeView(change.field, _shown(change.before), _shown(change.after))
                for change in diff.changes
            ],
        )


def _shown(value: Any) -> Value:
    if isinstance(value, tuple):
        return [ClaimView(claim.text, list(claim.evidence)) for claim in value]
    shown: Value = value
    return shown
