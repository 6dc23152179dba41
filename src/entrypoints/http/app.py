"""The HTTP application: routes behind the front, one shape for all errors."""

import asyncio
from typing import cast

from litestar import Litestar, Response, Router
from litestar.datastructures import State
from litestar.di import Provide

from application.crm import Crm
from domain.errors import TooManyExports, TooManyImports
from entrypoints.access_log import AccessLog, log_access
from entrypoints.http.ai import ai_router
from entrypoints.http.asgi import ASGIApp
from entrypoints.http.bulk import bulk_router
from entrypoints.http.bulk_summaries import bulk_summaries_router
from entrypoints.http.cursors import Cursors
from entrypoints.http.docs import docs_router
from entrypoints.http.errors import EXCEPTION_HANDLERS
from entrypoints.http.export import AT_ONCE, export_router
from entrypoints.http.front import Front
from entrypoints.http.gate import Gate
from entrypoints.http.health import health_router
from entrypoints.http.history import history_router
from entrypoints.http.idempotency import Turns, once
from entrypoints.http.imports import imports_router
from entrypoints.http.key import Key
from entrypoints.http.leads import leads_router
from entrypoints.http.metrics import Metrics, metrics_router
from entrypoints.http.options import allowed_methods
from entrypoints.http.parameters import AnyRequest, calling_key, refuse_unknown_parameters
from entrypoints.http.places import Places
from entrypoints.http.problem_pages import problem_pages_router
from entrypoints.http.rejects import rejects_router
from entrypoints.http.short_cuts import short_cuts
from entrypoints.http.summaries import summaries_router
from entrypoints.http.sync import sync_router
from entrypoints.http.waiting import patience, waiting_router
from entrypoints.optional import unused_left_out


async def _crm(state: State) -> Crm:
    crm: Crm = state.crm
    return crm


async def _cursors(state: State) -> Cursors:
    cursors: Cursors = state.cursors
    return cursors


async def _before(request: AnyRequest) -> Response[None] | None:
    await refuse_unknown_parameters(request)
    return allowed_methods(request)


IMPORT_MAX = 500_000_000

API = Router(
    "/",
    route_handlers=[
        leads_router,
        export_router,
        imports_router,
        bulk_router,
        history_router,
        summaries_router,
        bulk_summaries_router,
        waiting_router,
        sync_router,
        rejects_router,
        ai_router,
        health_router,
        metrics_router,
    ],
    dependencies={
        "crm": Provide(_crm),
        "cursors": Provide(_cursors),
        "caller": Provide(calling_key),
        "once": Provide(once),
        "patience": Provide(patience),
    },
    before_request=_before,
)


def create_app(
    crm: Crm,
    api_key: str,
    draining: asyncio.Event,
    *,
    require_if_match: bool = False,
    import_max: int = IMPORT_MAX,
    access: AccessLog = log_access,
) -> Front:
    """The API over an open `crm`; `draining` turns readiness off before the stop.

    `require_if_match` refuses changes of a lead whose version the caller does not name;
    `import_max` is in bytes.
    """
    metrics = Metrics()
    with unused_left_out():
        app = Litestar(
            [API, docs_router(API), problem_pages_router],
            state=State(
                {
                    "crm": crm,
                    "cursors": Cursors(api_key),
                    "draining": draining,
                    "exports": Places(AT_ONCE, TooManyExports),
                    "import_max": import_max,
                    "imports": Places(1, TooManyImports),
                    "metrics": metrics,
                    "require_if_match": require_if_match,
                    "turns": Turns(),
                }
            ),
            exception_handlers=EXCEPTION_HANDLERS,
            openapi_config=None,
            logging_config=None,
        )
    gate = Gate(Key(api_key), short_cuts(app.state))
    return Front(cast("ASGIApp", app), gate, metrics, draining, access)
