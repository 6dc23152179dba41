"""Rejected rows over HTTP: look at them, save them as CSV, offer them once more."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.status_codes import HTTP_202_ACCEPTED
from litestar.types import ASGIApp
from msgspec import Meta

from application.crm import Crm
from domain.ports import Position
from domain.quarantine import QuarantinedRow
from domain.sync import SyncRunId
from entrypoints.http.download import Download
from entrypoints.http.idempotency import Once
from entrypoints.http.parameters import (
    PAGE,
    PAGED,
    AnyRequest,
    CrmDependency,
    Cursor,
    CursorsDependency,
    Limit,
    PathId,
)
from entrypoints.http.problems import problems
from entrypoints.http.reject_lines import RejectColumns
from entrypoints.http.schemas import NextCursor, SyncRunView
from entrypoints.http.sync import started

READ_AT_ONCE = 100
FILE = ResponseSpec(
    str,
    generate_examples=False,
    description="The rows, a line each, as a file to save. One that was cut off lacks its end.",
    media_type="text/csv",
    examples=[Example(value="position,reasons,name\r\n1,email: is required,Ada\r\n")],
)


class RejectView(msgspec.Struct, frozen=True):
    """A row that was not taken."""

    position: Annotated[int, Meta(description="The how-many-eth rejected row of its run it is")]
    row: Annotated[Mapping[str, Any], Meta(description="As the source offered it")]
    reasons: list[str]
    is_whole: Annotated[
        bool,
        Meta(description="False for a row of more than 8 KiB: its `(cut)` is how its JSON begins"),
    ]

    @classmethod
    def of(cls, row: QuarantinedRow) -> "RejectView":
        return cls(row.position, row.row, list(row.reasons), row.is_whole)


class RejectPage(msgspec.Struct, frozen=True):
    """A run's rejected rows, in their order."""

    items: list[RejectView]
    next_cursor: NextCursor


@get(
    "/sync/runs/{run_id:uuid}/rejects",
    operation_id="listRejects",
    summary="List the rows that a sync rejected",
    opt=PAGED,
    responses=problems(404),
)
async def list_rejects(
    crm: CrmDependency,
    cursors: CursorsDependency,
    run_id: PathId,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> RejectPage:
    """The first 1,000 of a run, kept from its end on for 30 days; its counts are of all."""
    of_list = f"rejects of {run_id}"
    seen = cursors.read(cursor, of_list, str)
    rows = await crm.list_rejects(SyncRunId(run_id), limit + 1, int(str(seen.key)) if seen else 0)
    page = rows[:limit]
    last = Position(str(page[-1].position), run_id) if len(rows) > limit else None
    return RejectPage(
        [RejectView.of(row) for row in page], cursors.at(last, of_list) if last else None
    )


@get(
    "/sync/runs/{run_id:uuid}/rejects.csv",
    operation_id="downloadRejects",
    summary="Save the rows that a sync rejected as CSV",
    media_type="text/csv",
    responses={200: FILE, **problems(404)},
)
async def download_rejects(request: AnyRequest, crm: CrmDependency, run_id: PathId) -> ASGIApp:
    """The position, the reasons, then a column for each field that any of the rows has.

    A text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    columns = await RejectColumns.of(_pages(crm, SyncRunId(run_id)))
    headers = {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": f'attachment; filename="rejects-{run_id}.csv"',
        "cache-control": "no-store",
    }
    lines = _lines(crm, SyncRunId(run_id), columns)
    return Download(columns.head(), lines, headers, request.app.state.draining)


@post(
    "/sync/runs/{run_id:uuid}/retry",
    operation_id="retryRejects",
    summary="Offer the rows that a sync rejected once more",
    status_code=HTTP_202_ACCEPTED,
    responses=problems(404, 409, 413, 415, 422),
)
async def retry_rejects(crm: CrmDependency, once: Once, run_id: PathId) -> Response[SyncRunView]:
    """Answers at once with a new run of the same source, whose rows are those in quarantine.

    Rows that were cut are left out. A retry of this run that is open already is joined.
    """
    return await once(lambda receipt: crm.retry_rejects(SyncRunId(run_id), receipt), started)


async def _pages(crm: Crm, run_id: SyncRunId) -> AsyncGenerator[Sequence[QuarantinedRow], None]:
    after = 0
    while rows := await crm.list_rejects(run_id, READ_AT_ONCE, after):
        yield rows
        after = rows[-1].position


async def _lines(
    crm: Crm, run_id: SyncRunId, columns: RejectColumns
) -> AsyncGenerator[bytes, None]:
    async for rows in _pages(crm, run_id):
        yield columns.lines(rows)


rejects_router = Router(
    "/", route_handlers=[list_rejects, download_rejects, retry_rejects], tags=["sync"]
)
