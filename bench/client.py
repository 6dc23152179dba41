"""The load client where there is no wrk: raw sockets, kept alive, one request at a time on each.

`python -m bench.client URL CONNECTIONS SECONDS METHOD PATH BODY FIRST COUNT KEY` prints what came
of it as one line of JSON. It takes several times the CPU that wrk does: read its ratios with care.
"""

import asyncio
import re
import statistics
import sys
import time
from dataclasses import dataclass, field
from itertools import count as counted
from typing import cast
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.load import Load, Told

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END = b"\r\n\r\n"
ANSWER_SECONDS = 10.0
"""For the last answers; a server that keeps one for longer has failed."""


@dataclass(slots=True)
class Requests:
    """Gives out one request after the other, and takes down how each was answered."""

    load: Load
    host: str
    key: str
    until: float
    took: list[float] = field(default_factory=list)
    failed: int = 0
    _numbers: "counted[int]" = field(default_factory=counted)

    def next(self) -> bytes:
        number = self.load.first + next(self._numbers) % self.load.count
        path = self.load.path.replace("{id}", f"{number:012x}")
        body = self.load.body.replace("{n}", str(number)).encode()
        head = [f"{self.load.method} {path} HTTP/1.1", f"host: {self.host}"]
        head.append(f"x-api-key: {self.key}")
        if body:
            head.append("content-type: application/json")
        if body or self.load.method == "POST":
            head.append(f"content-length: {len(body)}")
        return "\r\n".join(head).encode() + END + body

    def answered(self, head: bytes, began: float) -> None:
        self.took.append(time.perf_counter() - began)
        # "HTTP/1.1 200 OK": what begins with 2 or 3 went well
        self.failed += head[9:10] not in {b"2", b"3"}


class Connection(asyncio.Protocol):
    """Sends the next request as soon as the last one is answered; `over` is set at the end."""

    def __init__(self, requests: Requests) -> None:
        self.over = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._received = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(END)
        length = _LENGTH.search(head)
        if not end or len(rest) < (int(length[1]) if length else 0):
            return
        self._received = b""
        self._requests.answered(head, self._began)
        if time.perf_counter() < self._requests.until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        self._requests.failed += time.perf_counter() < self._requests.until
        if not self.over.done():
            self.over.set_result(None)

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._requests.next())


async def run(url: str, connections: int, seconds: float, load: Load, key: str) -> Told:
    where = urlsplit(url)
    address = (where.hostname or "127.0.0.1", where.port or 80)
    began = time.perf_counter()
    requests = Requests(load, where.netloc, key, began + seconds)
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: Connection(requests), *address)
        for _ in range(connections)
    ]
    async with asyncio.timeout(seconds + ANSWER_SECONDS):
        await asyncio.gather(*(connection.over for _, connection in opened))
    elapsed = time.perf_counter() - began
    cuts = statistics.quantiles(requests.took, n=100)
    return Told(len(requests.took), elapsed, requests.failed, cuts[49] * 1000, cuts[98] * 1000)


def main() -> None:
    url, connections, seconds, method, path, body, first, count, key = sys.argv[1:]
    load = Load(method, path, body, int(first), int(count))
    told = uvloop.run(run(url, int(connections), float(seconds), load, key))
    print(msgspec.json.encode(told).decode())


if __name__ == "__main__":
    main()
