"""Leads over HTTP: create, list, read, change, delete, restore."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, Router, delete, get, patch, post
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import SkipValidation
from litestar.status_codes import HTTP_200_OK, HTTP_304_NOT_MODIFIED
from litestar.types import Method

from domain.lead import Lead, LeadId
from domain.lead_fields import LeadDetails
from entrypoints.http.bodies import members
from entrypoints.http.cursors import Cursors
from entrypoints.http.idempotency import Once
from entrypoints.http.lead_query import FILTERS, Asked, LeadQuery, lead_query
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
from entrypoints.http.preconditions import (
    KnownVersions,
    SeenTags,
    etag,
    is_seen,
    known_versions,
    seen_tags,
)
from entrypoints.http.problems import problems
from entrypoints.http.schemas import LeadChanges, LeadPage, NewLead
from entrypoints.lead_json import LeadView


def _create_lead_id(_: HTTPRouteHandler, __: Method, path: list[Any]) -> str:
    """An operation id stands for one path, and this handler has an alias."""
    return "createLeadAlias" if "create-lead" in path else "createLead"


@post(
    ["/leads", "/create-lead"],
    operation_id=_create_lead_id,
    summary="Create a lead",
    responses=problems(409, 413, 415, 422),
)
async def create_lead(
    crm: CrmDependency, caller: Caller, once: Once, data: SkipValidation[NewLead]
) -> Response[LeadView]:
    """Takes in one lead; 409 with `existing_id` if its e-mail is taken, in whatever spelling."""
    details = LeadDetails.of(members(data))
    return await once(lambda receipt: crm.create_lead(details, caller, receipt), told_created)


@get(
    "/leads",
    operation_id="listLeads",
    summary="List leads",
    opt={"parameters": (*PAGED["parameters"], *FILTERS)},
    dependencies={"asked": Provide(lead_query)},
    responses=problems(),
)
async def list_leads(
    crm: CrmDependency,
    cursors: CursorsDependency,
    asked: Asked,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> LeadPage:
    """Newest first unless told, a page at a time; a cursor goes with its own filter and sort."""
    after = asked.after(cursors, cursor)
    rows = await crm.list_leads(limit + 1, after, asked.wanted, asked.sort, LeadView.of_values)
    return shown_page(rows, cursors, limit, asked)


@get(
    "/leads/{lead_id:uuid}",
    operation_id="getLead",
    summary="Read a lead",
    responses={
        **problems(404),
        200: ResponseSpec(LeadView, generate_examples=False, description="The lead"),
        304: ResponseSpec(None, description="You have it already"),
    },
    dependencies={"seen": Provide(seen_tags)},
)
async def get_lead(crm: CrmDependency, lead_id: PathId, seen: SeenTags) -> Response[bytes]:
    """Through the cache, and never older than the last write that was acknowledged."""
    document = await crm.get_lead(LeadId(lead_id))
    headers = {"etag": etag(document.version)}
    if is_seen(document.version, seen):
        return Response(b"", status_code=HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(document.body, media_type="application/json", headers=headers)


@patch(
    "/leads/{lead_id:uuid}",
    operation_id="changeLead",
    summary="Change a lead",
    responses=problems(404, 409, 412, 413, 415, 422, 428),
    dependencies={"known": Provide(known_versions)},
)
async def change_lead(
    crm: CrmDependency,
    caller: Caller,
    lead_id: PathId,
    data: SkipValidation[LeadChanges],
    known: KnownVersions,
) -> Response[LeadView]:
    """Only what is named changes; null clears what may be blank.

    Where nothing is different the lead keeps its version. Also takes
    `application/merge-patch+json` (RFC 7396).
    """
    return _shown(await crm.change_lead(LeadId(lead_id), members(data), caller, known))


@delete(
    "/leads/{lead_id:uuid}",
    operation_id="deleteLead",
    summary="Delete a lead",
    responses=problems(404, 412, 428),
    dependencies={"known": Provide(known_versions)},
)
async def delete_lead(
    crm: CrmDependency, caller: Caller, lead_id: PathId, known: KnownVersions
) -> None:
    """404 from now on, as is all that is under it, until it is restored; its e-mail is free.

    A summary run that is open fails, with `deleted` as its error's type; each run itself can
    still be read.
    """
    await crm.delete_lead(LeadId(lead_id), caller, known)


@post(
    "/leads/{lead_id:uuid}/restore",
    operation_id="restoreLead",
    summary="Restore a deleted lead",
    status_code=HTTP_200_OK,
    responses=problems(404, 409, 413, 415, 422),
)
async def restore_lead(
    crm: CrmDependency, caller: Caller, once: Once, lead_id: PathId
) -> Response[LeadView]:
    """As it was, and as it is if it was not deleted; 409 if another has its e-mail by now."""
    return await once(lambda receipt: crm.restore_lead(LeadId(lead_id), caller, receipt), _shown)


def shown_page(
    rows: Sequence[LeadView], cursors: Cursors, limit: int, asked: LeadQuery
) -> LeadPage:
    """Of up to `limit + 1` rows."""
    following = cursors.following(rows, limit, asked.of_list, asked.sort.key)
    return LeadPage([*rows[:limit]], following)


def told_created(lead: Lead) -> Response[LeadView]:
    return Response(LeadView.of(lead), headers=created_headers(lead))


def created_headers(lead: Lead) -> dict[str, str]:
    return {"location": f"/leads/{lead.id}", "etag": etag(lead.version)}


def _shown(lead: Lead) -> Response[LeadView]:
    return Response(LeadView.of(lead), headers={"etag": etag(lead.version)})


leads_router = Router(
    "/",
    route_handlers=[create_lead, list_leads, get_lead, change_lead, delete_lead, restore_lead],
    tags=["leads"],
)
