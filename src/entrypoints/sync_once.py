"""One sync from the command line, with a progress bar."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol
from uuid import UUID

import httpx
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from domain.sync import SyncRunId, SyncState
from entrypoints.access import api_key
from entrypoints.container import System, opened
from entrypoints.http.schemas import SyncRunView
from entrypoints.run_report import ending, fates
from entrypoints.settings import Settings
from entrypoints.single import running_server

POLL_SECONDS = 0.1
DEADLINE_SECONDS = 30.0


class Syncs(Protocol):
    """Where a sync is started and looked at."""

    async def start(self, source: str) -> SyncRunView: ...

    async def read(self, run_id: UUID) -> SyncRunView: ...


class _ThroughApi:
    """A running `serve` does it, so that its cache stays true."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def start(self, source: str) -> SyncRunView:
        return self._view(await self.client.post("/sync", params={"source": source}))

    async def read(self, run_id: UUID) -> SyncRunView:
        return self._view(await self.client.get(f"/sync/runs/{run_id}"))

    def _view(self, response: httpx.Response) -> SyncRunView:
        return msgspec.json.decode(response.raise_for_status().content, type=SyncRunView)


class _InThisProcess:
    def __init__(self, system: System) -> None:
        self.crm = system.crm

    async def start(self, source: str) -> SyncRunView:
        return SyncRunView.of(await self.crm.start_sync(source))

    async def read(self, run_id: UUID) -> SyncRunView:
        return SyncRunView.of(await self.crm.get_sync_run(SyncRunId(run_id)))


async def sync_once(settings: Settings, source: str | None) -> bool:
    """Sync one source, or all that are configured; True if every run ended well.

    Prints a line per source with what became of its rows.
    """
    names = (source,) if source else settings.lead_sources
    async with _somewhere(settings) as syncs:
        ended = [await _followed(syncs, name) for name in names]
    return all(run.state in {SyncState.SUCCEEDED, SyncState.SKIPPED} for run in ended)


@asynccontextmanager
async def _somewhere(settings: Settings) -> AsyncIterator[Syncs]:
    url = running_server(settings)
    if url is not None:
        headers = {"x-api-key": api_key(settings)}
        async with httpx.AsyncClient(
            base_url=url, headers=headers, timeout=DEADLINE_SECONDS
        ) as client:
            yield _ThroughApi(client)
        return
    async with opened(settings) as system:
        stopping = asyncio.Event()
        working = asyncio.create_task(system.syncs.run(stopping))
        try:
            yield _InThisProcess(system)
        finally:
            stopping.set()
            await working


async def _followed(syncs: Syncs, source: str) -> SyncRunView:
    """Start the run and wait for its end, whoever sees it through."""
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(f"sync {source}", total=None)
        run = await syncs.start(source)
        while run.state.is_open:
            await asyncio.sleep(POLL_SECONDS)
            run = await syncs.read(run.id)
    console.print(f"{source}: {ending(run)}, {run.fetched} fetched: {fates(run)}", soft_wrap=True)
    return run
