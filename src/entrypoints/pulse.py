"""Signs of life for container health checks: the API by its readiness, others by a heartbeat."""

import asyncio
import tempfile
import time
from pathlib import Path

import httpx

from entrypoints.settings import Settings

BEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 10.0


async def beat(process: str, stopping: asyncio.Event) -> None:
    """Touch this process's file for as long as its event loop turns."""
    stopped = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        _file(process).touch()
        await asyncio.wait({stopped}, timeout=BEAT_SECONDS)
    _file(process).unlink(missing_ok=True)


async def is_healthy(settings: Settings, process: str) -> bool:
    """Whether the process of that kind on this machine is well."""
    if process in {"api", "serve"}:
        return await _answers(settings)
    path = _file(process)
    return path.exists() and time.time() - path.stat().st_mtime < DEAD_AFTER_SECONDS


async def _answers(settings: Settings) -> bool:
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104
    try:
        async with httpx.AsyncClient(timeout=4) as client:
            response = await client.get(f"http://{host}:{settings.port}/health/ready")
    except httpx.HTTPError:
        return False
    return response.is_success


def _file(process: str) -> Path:
    return Path(tempfile.gettempdir()) / f"smart-crm-{process}.beat"
