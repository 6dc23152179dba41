"""Timelines and activities over HTTP."""

from litestar import Response, Router, get, post
from litestar.params import SkipValidation

from domain.activity import Activity
from domain.errors import InvalidActivity
from domain.lead import LeadId
from entrypoints.http.bodies import members
from entrypoints.http.idempotency import Once
from entrypoints.http.parameters import (
    PAGE,
    PAGED,
    Caller,
    CrmDependency,
    Cursor,
    CursorsDependency,
    Limit,
    PathId,
)
from entrypoints.http.problems import problems
from entrypoints.http.schemas import ActivityPage, ActivityView, EventView, NewActivity, Timeline


@get(
    "/leads/{lead_id:uuid}/timeline",
    operation_id="readTimeline",
    summary="Read what happened to a lead",
    opt=PAGED,
    responses=problems(404),
)
async def read_timeline(
    crm: CrmDependency,
    cursors: CursorsDependency,
    lead_id: PathId,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> Timeline:
    """Created, changed (which field, from, to), summarised, synced, by whom; newest first.

    404 for a deleted lead, like all that is under it; a restored one has its whole timeline.
    """
    of_list = f"timeline of {lead_id}"
    rows = await crm.read_timeline(LeadId(lead_id), limit + 1, cursors.read(cursor, of_list))
    return Timeline(*cursors.cut(rows, limit, of_list, EventView.of))


@post(
    "/leads/{lead_id:uuid}/activities",
    operation_id="addActivity",
    summary="Add an activity",
    responses=problems(404, 409, 413, 415, 422),
)
async def add_activity(
    crm: CrmDependency,
    caller: Caller,
    once: Once,
    lead_id: PathId,
    data: SkipValidation[NewActivity],
) -> Response[ActivityView]:
    """A note, a call, an e-mail or a meeting, in one's own words; it stands on the timeline too.

    `occurred_at` is now unless told, a day ahead at most, and kept in UTC.
    """
    fields = members(data, InvalidActivity)
    return await once(
        lambda receipt: crm.add_activity(LeadId(lead_id), fields, caller, receipt), _added
    )


@get(
    "/leads/{lead_id:uuid}/activities",
    operation_id="listActivities",
    summary="List a lead's activities",
    opt=PAGED,
    responses=problems(404),
)
async def list_activities(
    crm: CrmDependency,
    cursors: CursorsDependency,
    lead_id: PathId,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> ActivityPage:
    """Newest first, a page at a time."""
    of_list = f"activities of {lead_id}"
    rows = await crm.list_activities(LeadId(lead_id), limit + 1, cursors.read(cursor, of_list))
    return ActivityPage(*cursors.cut(rows, limit, of_list, ActivityView.of))


def _added(activity: Activity) -> Response[ActivityView]:
    return Response(ActivityView.of(activity))


history_router = Router(
    "/", route_handlers=[read_timeline, add_activity, list_activities], tags=["leads"]
)
