"""The API process of the distributed mode."""

from entrypoints.access import api_key
from entrypoints.container import opened
from entrypoints.http.app import create_app
from entrypoints.process import access_log, drain_on_signals
from entrypoints.server import serve_http
from entrypoints.settings import Settings


async def run_api(settings: Settings) -> None:
    """Answer requests until SIGTERM or SIGINT; readiness says 503 as soon as one arrives."""
    key, (draining, stopping) = api_key(settings), drain_on_signals(settings.drain)
    async with opened(settings) as system:
        await system.warm_up()
        required = settings.require_if_match
        app = create_app(
            system.crm,
            key,
            draining,
            require_if_match=required,
            import_max=settings.import_max,
            access=access_log(settings),
        )
        await serve_http(app, settings, stopping)
