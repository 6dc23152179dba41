"""The HTTP server: granian inside this process's own event loop, stopped by an event."""

import asyncio
import logging
import socket
from contextlib import closing, suppress

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from entrypoints.garbage import settle
from entrypoints.http.asgi import ASGIApp
from entrypoints.settings import InvalidSettings, Settings

log = logging.getLogger(__name__)

FINISH_SECONDS = 8.0
"""For the requests under way at a stop: longer than any that the database does not answer."""
HEADER_MILLISECONDS = 15_000
"""How long a connection may take for a request's headers; one that idles ends then, too."""
BUFFER_BYTES = 64 * 1024
"""What one connection may hold that nobody has read yet."""


async def serve_http(app: ASGIApp, settings: Settings, stopping: asyncio.Event) -> None:
    """Answer until `stopping`, then finish what is under way, in FINISH_SECONDS at most."""
    _refuse_taken_port(settings)
    server = Server(
        app,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=BUFFER_BYTES
        ),
        log_enabled=False,
    )
    settle()
    serving = asyncio.create_task(server.serve())
    log.info("listening on http://%s:%s", settings.host, settings.port)
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    server.stop()  # type: ignore[no-untyped-call]
    stopped.cancel()
    with suppress(TimeoutError):
        # a connection that was opened and says nothing would hold the stop for half a minute
        await asyncio.wait_for(serving, FINISH_SECONDS)


def _refuse_taken_port(settings: Settings) -> None:
    """Say so in one line, as the server itself would share the port or give a traceback."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise InvalidSettings(f"cannot listen on {where}: {error.strerror}") from None
