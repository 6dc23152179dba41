"""Summaries over HTTP: ask for one, see what became of it, try again."""

from typing import Annotated, NamedTuple, TypeAlias

from litestar import Response, Router, get, post
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED

from domain.lead import LeadId
from domain.summary import SummaryRun, SummaryRunId
from entrypoints.http.idempotency import Once
from entrypoints.http.parameters import (
    PAGE,
    PAGED,
    CrmDependency,
    Cursor,
    CursorsDependency,
    Limit,
    PathId,
)
from entrypoints.http.problems import problems
from entrypoints.http.run_diff_schemas import RunDiffView
from entrypoints.http.schemas import SummaryRequested, SummaryRunPage, SummaryRunView
from entrypoints.http.waiting import PREFERENCE_APPLIED, PatienceDependency

Force: TypeAlias = Annotated[
    bool, QueryParameter(description="Ask the AI again although nothing has changed")
]
STANDING = ResponseSpec(
    SummaryRequested, description="Nothing has changed since the summary was made"
)


@post(
    "/leads/{lead_id:uuid}/summarize",
    operation_id="summarizeLead",
    summary="Ask for a summary",
    status_code=HTTP_202_ACCEPTED,
    opt={"parameters": ("force",)},
    responses={**problems(404, 409, 413, 415, 422, 429), HTTP_200_OK: STANDING},
)
async def summarize_lead(
    crm: CrmDependency, once: Once, lead_id: PathId, force: Force = False
) -> Response[SummaryRequested]:
    """Answers at once; a run that is already open is joined, so no AI call is paid twice.

    Where nothing has moved since the summary was made, 200 names the run that made it.
    """
    lead = LeadId(lead_id)
    return await once(
        lambda receipt: crm.request_summary(lead, receipt, force=force),
        lambda run: _told(acknowledged(run)),
    )


@get(
    "/leads/{lead_id:uuid}/summaries",
    operation_id="listSummaryRuns",
    summary="List a lead's summary runs",
    opt=PAGED,
    responses=problems(404),
)
async def list_summary_runs(
    crm: CrmDependency,
    cursors: CursorsDependency,
    lead_id: PathId,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> SummaryRunPage:
    """Newest first, a page at a time; 404 for a deleted lead."""
    of_list = f"summaries of {lead_id}"
    after = cursors.read(cursor, of_list)
    rows = await crm.list_summary_runs(LeadId(lead_id), limit + 1, after)
    return SummaryRunPage(*cursors.cut(rows, limit, of_list, SummaryRunView.of))


@get(
    "/leads/{lead_id:uuid}/summaries/{run_id:uuid}",
    operation_id="getSummaryRun",
    summary="Read a summary run",
    response_headers=[PREFERENCE_APPLIED],
    responses=problems(404),
)
async def get_summary_run(
    crm: CrmDependency, patience: PatienceDependency, lead_id: PathId, run_id: PathId
) -> Response[SummaryRunView]:
    """State, attempts and the typed error of one run; it stays when its lead is deleted.

    A run that was open then has failed, and its error's type is `deleted`.
    With `Prefer: wait=N` it waits for the end of the run, N seconds at most.
    """
    run = await crm.get_summary_run(LeadId(lead_id), SummaryRunId(run_id))
    run = await patience.for_end_of(run, crm)
    return Response(SummaryRunView.of(run), headers={**patience.headers, "vary": "prefer"})


@get(
    "/leads/{lead_id:uuid}/summaries/{run_id:uuid}/diff",
    operation_id="diffSummaryRun",
    summary="Compare a summary run with the one before",
    responses=problems(404, 409),
)
async def diff_summary_run(crm: CrmDependency, lead_id: PathId, run_id: PathId) -> RunDiffView:
    """What this run says that the lead's insight before did not, and what had moved meanwhile.

    409 if the run holds no insight.
    """
    return RunDiffView.of(await crm.diff_summary_run(LeadId(lead_id), SummaryRunId(run_id)))


@post(
    "/leads/{lead_id:uuid}/summaries/{run_id:uuid}/requeue",
    operation_id="requeueSummaryRun",
    summary="Try an ended run again",
    status_code=HTTP_202_ACCEPTED,
    responses=problems(404, 409, 413, 415, 422),
)
async def requeue_summary_run(
    crm: CrmDependency, once: Once, lead_id: PathId, run_id: PathId
) -> Response[SummaryRequested]:
    """A fresh start with all its attempts; 409 if the run is not at its end."""
    lead, run = LeadId(lead_id), SummaryRunId(run_id)
    return await once(
        lambda receipt: crm.requeue_summary(lead, run, receipt),
        lambda run: _told(_accepted(run)),
    )


class Acknowledged(NamedTuple):
    """What is told of a run that was asked for; `location` is the run's path."""

    status: int
    location: str
    content: SummaryRequested


def acknowledged(run: SummaryRun) -> Acknowledged:
    if run.state.is_open:
        return _accepted(run)
    message = "Nothing has changed since this summary was made; `force=true` asks for another."
    return _named(run, "ready", message, HTTP_200_OK)


def _accepted(run: SummaryRun) -> Acknowledged:
    message = "The summary is being generated; read the lead or the run to see it."
    return _named(run, "processing", message, HTTP_202_ACCEPTED)


def _named(run: SummaryRun, status: str, message: str, code: int) -> Acknowledged:
    return Acknowledged(
        status=code,
        location=f"/leads/{run.lead_id}/summaries/{run.id}",
        content=SummaryRequested(
            status=status, lead_id=run.lead_id, run_id=run.id, message=message
        ),
    )


def _told(told: Acknowledged) -> Response[SummaryRequested]:
    headers = {"location": told.location}
    return Response(told.content, status_code=told.status, headers=headers)


summaries_router = Router(
    "/",
    route_handlers=[
        summarize_lead,
        list_summary_runs,
        get_summary_run,
        diff_summary_run,
        requeue_summary_run,
    ],
    tags=["summaries"],
)
