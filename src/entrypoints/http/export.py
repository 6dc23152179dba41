"""Taking leads out: all that are wanted in one file, streamed as they are read."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
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
from domain.errors import TooManyExports
from domain.lead_list import LeadFilter, LeadSort
from entrypoints.http.download import Download
from entrypoints.http.lead_lines import FileFormat, first_line, lead_lines
from entrypoints.http.lead_query import FILTERS, Asked, lead_query
from entrypoints.http.parameters import AnyRequest, CrmDependency
from entrypoints.http.problems import problems

AT_ONCE = 4
FILE = ResponseSpec(
    str,
    generate_examples=False,
    description="The leads, a line each, as a file to save. One that was cut off lacks its end.",
    media_type="text/csv",
    examples=[Example(value="id,name,email\r\n")],
)


@dataclass(slots=True)
class Exports:
    """How many of this process run; others have to wait, as each costs as much as a client."""

    capacity: int = AT_ONCE
    running: int = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """TooManyExports where none is free."""
        if self.running >= self.capacity:
            raise TooManyExports
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1


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
        "content-type": form.media_type,
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }
    return Download(first, pieces, headers, request.app.state.draining)


async def _pieces(
    crm: Crm, wanted: LeadFilter, form: FileFormat, bom: bool, exports: Exports
) -> AsyncGenerator[bytes, None]:
    head = first_line(form, bom=bom)
    with exports.place():
        async with aclosing(crm.export_leads(wanted)) as pages:
            async for leads in pages:
                yield head + lead_lines(leads, form)
                head = b""
        yield head


export_router = Router("/", route_handlers=[export_leads], tags=["leads"])
