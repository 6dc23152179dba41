"""Syncs over HTTP: start one, see what each did."""

from typing import Annotated

from litestar import Response, Router, get, post
from litestar.params import QueryParameter
from litestar.status_codes import HTTP_202_ACCEPTED

from domain.sync import SyncRun, SyncRunId
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
from entrypoints.http.schemas import SyncRunPage, SyncRunView

LIST = "sync runs"


def started(run: SyncRun) -> Response[SyncRunView]:
    return Response(SyncRunView.of(run), headers={"location": f"/sync/runs/{run.id}"})


@post(
    "/sync",
    operation_id="startSync",
    summary="Start a sync now",
    status_code=HTTP_202_ACCEPTED,
    opt={"parameters": ("source",)},
    responses=problems(409, 413, 415, 422),
)
async def start_sync(
    crm: CrmDependency,
    once: Once,
    source: Annotated[
        str | None, QueryParameter(description="A configured lead source; the first unless told")
    ] = None,
) -> Response[SyncRunView]:
    """Answers at once; a sync of this source that is already running is joined."""
    return await once(lambda receipt: crm.start_sync(source, receipt=receipt), started)


@get(
    "/sync/runs",
    operation_id="listSyncRuns",
    summary="List sync runs",
    opt=PAGED,
    responses=problems(),
)
async def list_sync_runs(
    crm: CrmDependency, cursors: CursorsDependency, limit: Limit = PAGE, cursor: Cursor = None
) -> SyncRunPage:
    """Newest first, a page at a time."""
    rows = await crm.list_sync_runs(limit + 1, cursors.read(cursor, LIST))
    return SyncRunPage(*cursors.cut(rows, limit, LIST, SyncRunView.of))


@get(
    "/sync/runs/{run_id:uuid}",
    operation_id="getSyncRun",
    summary="Read a sync run",
    responses=problems(404),
)
async def get_sync_run(crm: CrmDependency, run_id: PathId) -> SyncRunView:
    """What one sync fetched, and what became of each row."""
    return SyncRunView.of(await crm.get_sync_run(SyncRunId(run_id)))


sync_router = Router("/", route_handlers=[start_sync, list_sync_runs, get_sync_run], tags=["sync"])
