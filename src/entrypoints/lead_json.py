"""A lead as its readers see it, and its one encoding."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.basis import Basis
from domain.insight import (
    MAX_DUE_IN_DAYS,
    Channel,
    Confidence,
    Insight,
    NextActionType,
    Priority,
)
from domain.lead import LEAD_FIELDS, Lead, LeadValues, SummaryStatus
from domain.lead_fields import LeadStatus


class ClaimView(msgspec.Struct, frozen=True):
    """A statement, and the fields and activities by their ids that it rests on."""

    text: str
    evidence: list[str]


class InsightView(msgspec.Struct, frozen=True):
    """What the summary says beside its text, how much was known, and who says so."""

    next_action_type: NextActionType
    channel: Annotated[Channel, Meta(description="How to reach the lead")]
    priority: Priority
    due_in_days: Annotated[int, Meta(ge=0, le=MAX_DUE_IN_DAYS)] | None
    reason: Annotated[str, Meta(description="Why this is the next action")]
    claims: list[ClaimView]

    @classmethod
    def parts_of(cls, insight: Insight) -> dict[str, Any]:
        given = {name: getattr(insight, name) for name in InsightView.__struct_fields__}
        return {**given, "claims": [ClaimView(c.text, list(c.evidence)) for c in insight.claims]}


class LeadInsightView(InsightView, frozen=True, kw_only=True):
    """The insight behind the summary that is shown."""

    confidence: Annotated[
        Confidence, Meta(description="By how much was known of the lead; counted, not guessed")
    ]
    missing: Annotated[list[str], Meta(description="Facts to collect")]
    provider: Annotated[str, Meta(description="Who said so; `rules` is no AI")]
    model: str
    run_id: UUID

    @classmethod
    def of(cls, insight: Insight, basis: Basis) -> "LeadInsightView":
        return cls(
            **cls.parts_of(insight),
            confidence=basis.confidence,
            missing=list(basis.missing),
            provider=basis.provider,
            model=basis.model,
            run_id=basis.run_id,
        )


class LeadView(msgspec.Struct, frozen=True):
    """A lead. Times are RFC 3339 in UTC."""

    id: Annotated[UUID, Meta(description="UUIDv7")]
    name: str
    email: str
    phone: str | None
    company: str | None
    job_title: str | None
    notes: str | None
    status: LeadStatus
    source: Annotated[str, Meta(description="Who brought it: `manual`, or a lead source's name")]
    external_id: Annotated[str | None, Meta(description="Its id at the source")]
    summary: Annotated[str | None, Meta(description="null until one was really generated")]
    next_action: str | None
    summary_status: Annotated[SummaryStatus, Meta(description="How the latest run stands")]
    summarized_at: datetime | None
    insight: LeadInsightView | None
    stale: Annotated[bool, Meta(description="Whether anything has moved since the summary")]
    stale_because: Annotated[
        list[str], Meta(description="What has moved", examples=[["phone changed"]])
    ]
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Meta(ge=1, description="Grows by one with every change")]

    @classmethod
    def of(cls, lead: Lead) -> "LeadView":
        known = (
            LeadInsightView.of(lead.insight, lead.basis) if lead.insight and lead.basis else None
        )
        # asked once, as it takes a hash of each field
        moved = list(lead.stale_because)
        values = (*_before_insight(lead), known, bool(moved), moved, *_after_insight(lead))
        return cls(*values)

    @classmethod
    def of_values(cls, values: LeadValues) -> "LeadView":
        """As `of`, without a lead in between where nothing has to be found out about it."""
        if values[_BASIS] is not None:
            return cls.of(Lead.of_values(values))
        shown = (*values[_PLACE_BEFORE], None, False, [], *values[_PLACE_AFTER])
        return cls(*shown)


_INSIGHT = LeadView.__struct_fields__.index("insight")
_BEFORE, _AFTER = LeadView.__struct_fields__[:_INSIGHT], LeadView.__struct_fields__[_INSIGHT + 3 :]
_before_insight, _after_insight = attrgetter(*_BEFORE), attrgetter(*_AFTER)


def _place(shown: Sequence[str]) -> slice:
    """Where they stand in a lead's values: together, as a slice takes half as long as names."""
    first = LEAD_FIELDS.index(shown[0])
    return slice(first, first + len(shown))


_PLACE_BEFORE, _PLACE_AFTER = _place(_BEFORE), _place(_AFTER)
_BASIS = LEAD_FIELDS.index("basis")
_encoder = msgspec.json.Encoder()


def encode_lead(lead: Lead) -> bytes:
    return _encoder.encode(LeadView.of(lead))
