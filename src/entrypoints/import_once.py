"""One import from the command line: the file goes through an API, and its run is followed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from domain.sync import SyncState
from domain.upload import FileFormat
from entrypoints.access import api_key
from entrypoints.http.lead_lines import MEDIA_TYPES
from entrypoints.http.problems import Problem
from entrypoints.http.schemas import SyncRunView
from entrypoints.run_report import ending, fates
from entrypoints.settings import Settings
from entrypoints.single import running_server

PIECE = 256 * 1024
POLL_SECONDS = 0.2
DEADLINE_SECONDS = 60.0
FORMATS = {".csv": FileFormat.CSV, ".ndjson": FileFormat.NDJSON, ".jsonl": FileFormat.NDJSON}


class ImportRefused(Exception):
    """One line that says why the file was not taken."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`query` is that of the request."""

    path: Path
    query: Mapping[str, str]
    url: str | None = None


@dataclass(slots=True)
class _File:
    """Its bytes as they are sent; `lines` are those sent so far."""

    path: Path
    progress: Progress
    lines: int = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        task = self.progress.add_task("bytes sent", total=self.path.stat().st_size)
        with self.path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, PIECE):
                self.lines += piece.count(b"\n")
                yield piece
                self.progress.advance(task, len(piece))


async def import_once(settings: Settings, wanted: Wanted) -> bool:
    """Import the file; True if every row was taken. ImportRefused if the API cannot be had.

    Prints what became of the rows, and where those are that were rejected.
    """
    form = FORMATS.get(wanted.path.suffix.lower())
    if form is None:
        raise ImportRefused(f"the file's name must end in one of: {', '.join(FORMATS)}")
    url = wanted.url or running_server(settings) or f"http://{settings.host}:{settings.port}"
    headers = {"x-api-key": api_key(settings), "content-type": MEDIA_TYPES[form]}
    try:
        async with httpx.AsyncClient(
            base_url=url, headers=headers, timeout=DEADLINE_SECONDS
        ) as client:
            run = await _imported(client, wanted)
    except httpx.TransportError as error:
        raise ImportRefused(f"{url}: {type(error).__name__}; is the API running there?") from error
    console = Console()
    dry = "dry run " if run.dry_run else ""
    console.print(f"{dry}{ending(run)}, {run.fetched} rows: {fates(run)}", soft_wrap=True)
    if run.rejects_kept:
        console.print(f"rejected rows: {url}/sync/runs/{run.id}/rejects.csv", soft_wrap=True)
    return run.state is SyncState.SUCCEEDED and not run.invalid and not run.ambiguous


async def _imported(client: httpx.AsyncClient, wanted: Wanted) -> SyncRunView:
    """Send the file and wait for the end of its run, whoever sees it through."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        file = _File(wanted.path, progress)
        run = _view(await client.post("/leads/import", params=wanted.query, content=file))
        # the lines of the file, as nobody knows yet how many rows they are
        task = progress.add_task("rows", total=file.lines)
        while run.state.is_open:
            await asyncio.sleep(POLL_SECONDS)
            run = _view(await client.get(f"/sync/runs/{run.id}"))
            progress.update(task, completed=run.fetched)
    return run


def _view(response: httpx.Response) -> SyncRunView:
    if response.is_success:
        return msgspec.json.decode(response.content, type=SyncRunView)
    try:
        told = msgspec.json.decode(response.content, type=Problem)
    except msgspec.DecodeError:
        raise ImportRefused(f"the API answered with {response.status_code}") from None
    raise ImportRefused(f"{told.title}: {told.detail}")
