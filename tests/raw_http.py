"""HTTP as bytes on a socket: for requests that no client library would send."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from tests.processes import KEY

CRLF = b"\r\n"


@dataclass(slots=True)
class Heard:
    """The answers as they came, interim ones too, and whether the server ended the connection."""

    statuses: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    closed: bool = False
    seconds: float = 0.0


def request(
    line: bytes = b"GET /leads HTTP/1.1", *headers: bytes, body: bytes = b"", host: bytes = b"x"
) -> bytes:
    """A request with our key; what is given is sent as it is."""
    ours = [b"host: " + host] if host else []
    return CRLF.join([line, *ours, b"x-api-key: " + KEY.encode(), *headers, b"", body])


def post(*headers: bytes, body: bytes = b"", path: bytes = b"/leads") -> bytes:
    """A POST of JSON, with whatever frames its body."""
    line = b"POST " + path + b" HTTP/1.1"
    return request(line, b"content-type: application/json", *headers, body=body)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def talk(port: int, sent: bytes, *, end: bool = False, answers: int = 1) -> Heard:
    """Send this and hear what comes; `end` closes our side after it, else after the answers."""
    with connected(port) as peer:
        # it may refuse before it has read all
        with suppress(OSError):
            peer.sendall(sent)
            if end:
                peer.shutdown(socket.SHUT_WR)
        return hear(peer, answers)


def hear(peer: socket.socket, answers: int = 1, seconds: float = 5) -> Heard:
    """All that the server says; after so many final answers our side is closed."""
    heard, raw, started, ended = Heard(), b"", time.monotonic(), False
    while time.monotonic() < started + seconds:
        peer.settimeout(max(0.01, started + seconds - time.monotonic()))
        try:
            chunk = peer.recv(65_536)
        except TimeoutError:
            break
        except ConnectionError:
            chunk = b""
        if not chunk:
            heard.closed = True
            break
        raw += chunk
        found = list(_answers(raw))
        if not ended and sum(status >= 200 for status, _ in found) >= answers:
            ended = True
            _end(peer)
    heard.seconds = time.monotonic() - started
    for status, body in _answers(raw):
        heard.statuses.append(status)
        heard.bodies.append(body)
    return heard


def _end(peer: socket.socket) -> None:
    # the server may have been faster
    with suppress(OSError):
        peer.shutdown(socket.SHUT_WR)


def _answers(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Status and body of each whole answer in these bytes."""
    while CRLF * 2 in raw:
        head, _, rest = raw.partition(CRLF * 2)
        first, *lines = head.split(CRLF)
        fields = dict(line.lower().split(b": ", 1) for line in lines)
        length = int(fields.get(b"content-length", b"0"))
        if len(rest) < length:
            return
        yield int(first.split()[1]), rest[:length]
        raw = rest[length:]
