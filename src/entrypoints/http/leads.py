"""Leads over HTTP: create, list, read."""

from collections.abc import Mapping
from typing import Any, cast

from litestar import Response, Router, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import SkipValidation
from litestar.types import Method

from domain.errors import FieldProblem, InvalidLead
from domain.lead import LeadId
from domain.lead_fields import LeadDetails
from entrypoints.http.parameters import (
    PAGED,
    CrmDependency,
    Cursor,
    CursorsDependency,
    Limit,
    PathId,
)
from entrypoints.http.problems import problems
from entrypoints.http.schemas import LeadPage, NewLead
from entrypoints.lead_json import LeadView

LIST = "leads"


def _create_lead_id(_: HTTPRouteHandler, __: Method, path: list[Any]) -> str:
    """An operation id stands for one path, and this handler has an alias."""
    return "createLeadAlias" if "create-lead" in path else "createLead"


@post(
    ["/leads", "/create-lead"],
    operation_id=_create_lead_id,
    summary="Create a lead",
    responses=problems(409, 413, 415, 422),
)
async def create_lead(crm: CrmDependency, data: SkipValidation[NewLead]) -> Response[LeadView]:
    """Takes in one lead; 409 with `existing_id` if its e-mail is taken, in whatever spelling."""
    lead = await crm.create_lead(LeadDetails.of(_fields(data)))
    return Response(LeadView.of(lead), headers={"location": f"/leads/{lead.id}"})


@get(
    "/leads",
    operation_id="listLeads",
    summary="List leads",
    opt=PAGED,
    responses=problems(),
)
async def list_leads(
    crm: CrmDependency, cursors: CursorsDependency, limit: Limit = 50, cursor: Cursor = None
) -> LeadPage:
    """Newest first, a page at a time."""
    rows = await crm.list_leads(limit + 1, cursors.read(cursor, LIST))
    return LeadPage(*cursors.cut(rows, limit, LIST, LeadView.of))


@get(
    "/leads/{lead_id:uuid}",
    operation_id="getLead",
    summary="Read a lead",
    responses={
        **problems(404),
        200: ResponseSpec(LeadView, generate_examples=False, description="The lead"),
    },
)
async def get_lead(crm: CrmDependency, lead_id: PathId) -> Response[bytes]:
    """Through the cache, and never older than the last write that was acknowledged."""
    document = await crm.get_lead(LeadId(lead_id))
    return Response(document.body, media_type="application/json")


def _fields(data: object) -> Mapping[str, object]:
    """The body's members, unchecked: the domain names every broken rule at once."""
    if not isinstance(data, Mapping):
        raise InvalidLead([FieldProblem("", "type", "the body must be a JSON object")])
    return cast("Mapping[str, object]", data)


leads_router = Router("/", route_handlers=[create_lead, list_leads, get_lead], tags=["leads"])
