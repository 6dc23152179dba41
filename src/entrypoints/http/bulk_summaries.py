"""Summaries of many leads over HTTP: ask for them, and see how far they are."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.params import SkipValidation
from litestar.status_codes import HTTP_202_ACCEPTED
from msgspec import Meta

from domain.bulk_summary import BulkStatus, BulkSummaryId
from domain.summary import RunState
from entrypoints.http.bulk_summary_body import NewBulkSummary, asked_of, list_of
from entrypoints.http.cursors import Cursors
from entrypoints.http.idempotency import Once
from entrypoints.http.parameters import CrmDependency, CursorsDependency, PathId
from entrypoints.http.problems import problems


class BulkState(StrEnum):
    PROCESSING = "processing"
    FINISHED = "finished"


class BulkProgress(msgspec.Struct, frozen=True):
    """How many runs are in each state now, joined ones included."""

    pending: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    blocked: int = 0

    @classmethod
    def of(cls, runs: Mapping[RunState, int]) -> "BulkProgress":
        return cls(**{state.value: count for state, count in runs.items()})


class BulkSummaryView(msgspec.Struct, frozen=True):
    """A request to summarise many leads: what it found, and how its runs stand."""

    id: UUID
    state: Annotated[BulkState, Meta(description="`finished` once no run is open")]
    matched: Annotated[int, Meta(description="Leads: `queued`, `joined` and `unchanged`")]
    queued: Annotated[int, Meta(description="Leads that got a new run")]
    joined: Annotated[int, Meta(description="Leads whose run was open already")]
    unchanged: Annotated[int, Meta(description="Leads whose summary was still true")]
    more: Annotated[bool, Meta(description="Whether leads match beyond the limit")]
    next_cursor: Annotated[
        str | None, Meta(description="Where the next request goes on; null at the end")
    ]
    progress: BulkProgress
    created_at: datetime

    @classmethod
    def of(cls, status: BulkStatus, cursors: Cursors) -> "BulkSummaryView":
        bulk = status.bulk
        return cls(
            id=bulk.id,
            state=BulkState.FINISHED if status.is_finished else BulkState.PROCESSING,
            matched=bulk.matched,
            queued=bulk.queued,
            joined=bulk.joined,
            unchanged=bulk.unchanged,
            more=bulk.rest is not None,
            next_cursor=cursors.at(bulk.rest, list_of(bulk.wanted).of_list) if bulk.rest else None,
            progress=BulkProgress.of(status.runs),
            created_at=bulk.created_at,
        )


@post(
    "/leads/summarize",
    operation_id="summarizeLeads",
    summary="Ask for the summaries of many leads",
    status_code=HTTP_202_ACCEPTED,
    responses=problems(409, 413, 415, 422, 429),
)
async def summarize_leads(
    crm: CrmDependency, cursors: CursorsDependency, once: Once, data: SkipValidation[NewBulkSummary]
) -> Response[BulkSummaryView]:
    """Looks at the newest leads of a filter, `limit` at a time, and answers at once.

    A lead whose run is open is joined, and one whose summary is still true is left alone, so that
    no AI call is paid twice. Where there are `more`, `next_cursor` goes on behind the last one.
    """
    asked = asked_of(data, cursors)

    def told(status: BulkStatus) -> Response[BulkSummaryView]:
        location = f"/summaries/bulk/{status.bulk.id}"
        view = BulkSummaryView.of(status, cursors)
        return Response(view, status_code=HTTP_202_ACCEPTED, headers={"location": location})

    return await once(lambda receipt: crm.summarize_leads(asked, receipt), told)


@get(
    "/summaries/bulk/{bulk_id:uuid}",
    operation_id="getBulkSummary",
    summary="Read how the summaries of many leads stand",
    responses=problems(404),
)
async def get_bulk_summary(
    crm: CrmDependency, cursors: CursorsDependency, bulk_id: PathId
) -> BulkSummaryView:
    """The counts are those of the time when it was asked for; `progress` is that of now."""
    return BulkSummaryView.of(await crm.get_bulk_summary(BulkSummaryId(bulk_id)), cursors)


bulk_summaries_router = Router(
    "/", route_handlers=[summarize_leads, get_bulk_summary], tags=["summaries"]
)
