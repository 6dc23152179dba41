"""An engine whose every answer is late: a TCP proxy in front of it."""

import asyncio
import threading
from contextlib import suppress
from typing import Self


class Slowed:
    """Passes connections on to `port` while the block is open; answers are `delay` seconds late."""

    def __init__(self, port: int, delay: float = 0.0) -> None:
        self.delay = delay
        self.port = 0
        self._server_port = port
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the proxy did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1")
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            answers, asked = await asyncio.open_connection("127.0.0.1", self._server_port)
            await asyncio.gather(
                self._pass_on(reader, asked, late=False), self._pass_on(answers, writer, late=True)
            )

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, late: bool
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await asyncio.sleep(self.delay if late else 0)
                writer.write(data)
                await writer.drain()
        writer.close()
