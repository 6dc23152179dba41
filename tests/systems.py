"""A whole system in this process, and a client that talks to its API without a socket."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from entrypoints.container import System, opened
from entrypoints.http.app import create_app
from entrypoints.settings import load

KEY = "crm_test_0123456789abcdef"


@asynccontextmanager
async def a_system(environ: Mapping[str, str] | None = None) -> AsyncIterator[System]:
    """In memory unless told otherwise."""
    settings = load({"DATABASE_URL": "memory://", "API_SECRET_KEY": KEY, **(environ or {})})
    async with opened(settings) as system:
        yield system


@asynccontextmanager
async def a_client(
    system: System, draining: asyncio.Event | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """Sends the right key unless told otherwise."""
    app = create_app(system.crm, KEY, draining or asyncio.Event())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(
        transport=transport, base_url="http://crm.test", headers={"x-api-key": KEY}
    ) as client:
        yield client


async def work_off_summaries(system: System) -> None:
    """Perform every summary run that is due now."""
    work, lease = system.crm.run_summaries, system.summaries.pace.lease
    while runs := await work.claim(100, lease):
        for run in runs:
            await work.perform(run)


async def work_off_syncs(system: System) -> None:
    work, lease = system.crm.run_syncs, system.syncs.pace.lease
    while runs := await work.claim(1, lease):
        await work.perform(runs[0])
