"""A lead as its readers see it, and its one encoding."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.lead import Lead, SummaryStatus
from domain.lead_fields import LeadStatus


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
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Meta(ge=1, description="Grows by one with every change")]

    @classmethod
    def of(cls, lead: Lead) -> "LeadView":
        return cls(*(getattr(lead, name) for name in cls.__struct_fields__))


_encoder = msgspec.json.Encoder()


def encode_lead(lead: Lead) -> bytes:
    return _encoder.encode(LeadView.of(lead))
