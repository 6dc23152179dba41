"""Taking leads out: all that are wanted in one file, streamed as they are read."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated, Literal

from litestar import Router, get
from litestar.di import Provide
from litestar.exceptions import ClientException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from litestar.types import ASGIApp

from application.crm import Crm
from domain.lead_list import LeadFilter, LeadSort
from domain.upload import FileFormat
from entrypoints.http.download import Download
from entrypoints.http.lead_lines import MEDIA_TYPES, first_line, lead_lines
from entrypoints.http.lead_query import FILTERS, Asked, lead_query
from entrypoints.http.parameters import AnyRequest, CrmDependency
from entrypoints.http.places import Places
from entrypoints.http.problems import problems

AT_ONCE = 4
FILE = ResponseSpec(
    str,
    generate_examples=False,
    description="The leads, a line each, as a file to save. One that was cut off lacks its end.",
    media_type="text/csv",
    examples=[Example(value="id,name,email\r\n")],
)


@get(
    "/leads/export",
    operation_id="exportLeads",
    summary="Export leads",
    media_type="text/csv",
    opt={"parameters": ("format", "bom", *FILTERS)},
    dependencies={"asked": Provide(lead_query)},
    responses={200: FILE, **problems(429)},
)
async def export_leads(
    request: AnyRequest,
    crm: CrmDependency,
    asked: Asked,
    format: Annotated[
        Literal["csv", "ndjson"],
        QueryParameter(description="`ndjson`: a lead per line, as `GET /leads/{lead_id}` shows it"),
    ] = "csv",
    bom: Annotated[
        Literal["true", "false"],
        QueryParameter(description="Whether CSV begins with a byte order mark, as Excel wants it"),
    ] = "false",
) -> ASGIApp:
    """All leads that match, newest first, each as it is when its turn comes.

    A lead that stays, and keeps matching, is in it exactly once, whatever is added, changed and
    deleted meanwhile. In CSV, a text that a spreadsheet would take for a formula has an
    apostrophe before it; an import takes it off again.
    """
    if asked.sort is not LeadSort.NEWEST:
        raise ClientException(f"sort must be {LeadSort.NEWEST.value} for an export")
    form = FileFormat(format)
    pieces = _pieces(crm, asked.wanted, form, bom == "true", request.app.state.exports)
    # the first one is read before the answer begins, so that it can still be a problem
    first = await anext(pieces)
    name = f"leads-{datetime.now(UTC):%Y-%m-%d}.{format}"
    headers = {
        "content-type": MEDIA_TYPES[form],
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }
    return Download(first, pieces, headers, request.app.state.draining)


async def _pieces(
    crm: Crm, wanted: LeadFilter, form: FileFormat, bom: bool, exports: Places
) -> AsyncGenerator[bytes, None]:
    head = first_line(form, bom=bom)
    with exports.place():
        async with aclosing(crm.export_leads(wanted)) as pages:
            async for leads in pages:
                yield head + lead_lines(leads, form)
                head = b""
        yield head


export_router = Router("/", route_handlers=[export_leads], tags=["leads"])
