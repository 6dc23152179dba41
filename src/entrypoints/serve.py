"""The all-in-one process: API, workers and schedule over one database, in one event loop."""

import asyncio

from entrypoints.access import api_key
from entrypoints.bells import answer_bells
from entrypoints.container import opened
from entrypoints.http.app import create_app
from entrypoints.process import access_log, drain_on_signals
from entrypoints.purging import purge
from entrypoints.schedule import run_schedule
from entrypoints.server import serve_http
from entrypoints.settings import Settings
from entrypoints.single import only_server

WELCOME = """
Smart CRM API answers on {url}   (docs: {url}/docs)
API key: {key}

  curl -s {url}/leads -H "x-api-key: {key}" -H "content-type: application/json" \\
    -d '{{"name": "Ada Lovelace", "email": "ada@example.com", "company": "Analytical Engines"}}'
  curl -s -X POST {url}/leads/ID/summarize -H "x-api-key: {key}"
  curl -s {url}/leads/ID -H "x-api-key: {key}"
"""


async def run_serve(settings: Settings) -> None:
    """Run everything until SIGTERM or SIGINT: requests first, then what the workers hold."""
    key, answered = api_key(settings), asyncio.Event()
    draining, stopping = drain_on_signals(settings.drain)
    url = f"http://{settings.host}:{settings.port}"
    with only_server(settings, url):
        async with opened(settings) as system, asyncio.TaskGroup() as group:
            group.create_task(system.summaries.run(answered))
            group.create_task(system.syncs.run(answered))
            group.create_task(answer_bells(system, answered))
            group.create_task(purge(system.crm, answered))
            group.create_task(run_schedule(system.crm, settings, answered))
            required = settings.require_if_match
            app = create_app(
                system.crm,
                key,
                draining,
                require_if_match=required,
                import_max=settings.import_max,
                access=access_log(settings),
            )
            try:
                print(WELCOME.format(url=url, key=key), flush=True)  # noqa: T201
                await serve_http(app, settings, stopping)
            finally:
                answered.set()
