"""A whole system in this process, and a client that talks to its API without a socket."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, cast

import httpx
from litestar import Litestar

from application.crm import Crm
from entrypoints.container import System, opened
from entrypoints.http.app import create_app
from entrypoints.http.asgi import ASGIApp
from entrypoints.settings import load

KEY = "crm_test_0123456789abcdef"


@asynccontextmanager
async def a_system(environ: Mapping[str, str] | None = None) -> AsyncIterator[System]:
    """In memory unless told otherwise."""
    settings = load({"DATABASE_URL": "memory://", "API_SECRET_KEY": KEY, **(environ or {})})
    async with opened(settings) as system:
        yield system


@cache
def _app(crm: Crm | None = None) -> tuple[ASGIApp, Litestar]:
    """One app for all tests, as building it takes longer than most of them."""
    front = create_app(cast("Crm", crm), KEY, asyncio.Event())
    return front, cast("Litestar", front.app)


@asynccontextmanager
async def a_client(
    system: System, draining: asyncio.Event | None = None, *, require_if_match: bool = False
) -> AsyncIterator[httpx.AsyncClient]:
    """Sends the right key unless told otherwise."""
    app, litestar = _app()
    before = litestar.state.dict()
    front = cast("Any", app)
    front.draining = draining or asyncio.Event()
    litestar.state.update(
        {
            "crm": system.crm,
            "draining": front.draining,
            "require_if_match": require_if_match,
        }
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://crm.test", headers={"x-api-key": KEY}, verify=False
    ) as client:
        yield client
    litestar.state.update(before)


@asynccontextmanager
async def another_api(system: System, key: str = KEY) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app of its own, as another process would have it."""
    app = cast("Any", create_app(system.crm, key, asyncio.Event()))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://crm.test",
        headers={"x-api-key": key},
        verify=False,
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
