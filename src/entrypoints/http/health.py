"""Health over HTTP: does the process live, and should it get traffic."""

from litestar import Response, Router, get
from litestar.openapi.datastructures import ResponseSpec
from msgspec import UNSET

from entrypoints.http.parameters import AnyRequest, CrmDependency
from entrypoints.http.problems import problems
from entrypoints.http.schemas import Live, Readiness

OPEN = {status: told for status, told in problems().items() if status not in {401, 503}}
"""The error responses of what needs no key and no database."""


@get(
    "/health/live",
    operation_id="live",
    summary="Does the process answer?",
    security=[{}],
    responses=OPEN,
)
async def live() -> Live:
    """Touches nothing."""
    return Live()


@get(
    "/health/ready",
    operation_id="ready",
    summary="Should it get traffic?",
    security=[{}],
    responses={
        **OPEN,
        503: ResponseSpec(
            Readiness, generate_examples=False, description="The database is away, or draining"
        ),
    },
)
async def ready(request: AnyRequest, crm: CrmDependency) -> Response[Readiness]:
    """200 while it can do its work, if need be without what it can do without."""
    health = await crm.check_health()
    draining = request.app.state.draining.is_set()
    status = "draining" if draining else health.status
    syncs = UNSET if health.syncs is None else health.syncs
    return Response(
        Readiness(status, health.parts, syncs),
        status_code=200 if health.ready and not draining else 503,
    )


health_router = Router("/", route_handlers=[live, ready], tags=["health"])
