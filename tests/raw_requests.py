"""Bytes that are no good request, or only just one, and what may be said to each."""

from collections.abc import Collection
from dataclasses import dataclass

from tests.raw_http import post, request

LEAD = b'{"name": "Grace Hopper", "email": "grace@example.com"}'
LENGTH = b"content-length: %d" % len(LEAD)
CHUNKED = b"transfer-encoding: chunked"
CHUNK = b"%x\r\n%b\r\n0\r\n\r\n" % (len(LEAD), LEAD)
TAKEN = (201, 409)
"""A lead, the first time and each time after."""


@dataclass(frozen=True, slots=True)
class Abuse:
    """`statuses` are the ones that may be answered first; none if the line may just go dead."""

    name: str
    sent: bytes
    statuses: Collection[int]
    end: bool = False


def _get(name: str, path: bytes, *statuses: int) -> Abuse:
    return Abuse(name, request(b"GET " + path + b" HTTP/1.1"), statuses)


def _post(
    name: str,
    framing: bytes,
    body: bytes,
    *statuses: int,
    more: bytes = b"x-x: x",
    end: bool = False,
) -> Abuse:
    return Abuse(name, post(framing, more, body=body), statuses, end)


def _headers(name: str, *headers: bytes, statuses: Collection[int] = (400,)) -> Abuse:
    return Abuse(name, request(b"GET /leads HTTP/1.1", *headers), statuses)


ABUSES = [
    _post("a chunk cut short", CHUNKED, b"10\r\nabc", 400, end=True),
    _post("no last chunk", CHUNKED, CHUNK[:-5], 400, end=True),
    _post("a chunk size that is none", CHUNKED, b"zz\r\nabc\r\n0\r\n\r\n", 400),
    _post("a negative chunk size", CHUNKED, b"-5\r\nabc\r\n0\r\n\r\n", 400),
    _post("a chunk size of 17 digits", CHUNKED, b"f" * 17 + b"\r\nabc\r\n0\r\n\r\n", 400),
    _post("a chunk size of 50,000 digits", CHUNKED, b"0" * 50_000, 400, end=True),
    _post("a chunk longer than its size", CHUNKED, b"2\r\nabcdef\r\n0\r\n\r\n", 400),
    _post("70 kB in chunks", CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n", 400, end=True),
    _post("100 kB in chunks", CHUNKED, (b"1000\r\n" + b"x" * 4096 + b"\r\n") * 25, 413),
    _post("10,000 chunks of a byte", CHUNKED, b"1\r\nx\r\n" * 10_000 + b"0\r\n\r\n", 400),
    _post("a chunk extension", CHUNKED, CHUNK.replace(b"\r\n", b";a=b\r\n", 1), *TAKEN),
    _post("trailers", CHUNKED, CHUNK[:-2] + b"x-api-key: other\r\n\r\n", *TAKEN),
    _post("two equal lengths", LENGTH, LEAD, 400, *TAKEN, more=LENGTH),
    _post("two different lengths", LENGTH, LEAD, 400, more=b"content-length: 2"),
    _post("two lengths in one line", b"content-length: 54, 54", LEAD, 400),
    _post("a length and chunks", b"content-length: 4", CHUNK, 400, *TAKEN, more=CHUNKED),
    _post("a length of more than comes", b"content-length: 400", LEAD, 400, end=True),
    _post("a length of less than comes", b"content-length: 10", LEAD, 400),
    _post("a negative length", b"content-length: -1", LEAD, 400),
    _post("a length with a sign", b"content-length: +54", LEAD, 400),
    _post("a length of 400 digits", b"content-length: " + b"9" * 400, LEAD, 400, 413),
    _post("a length of a gigabyte", b"content-length: 1000000000", LEAD, 413),
    _post("a length that is no number", b"content-length: abc", LEAD, 400),
    _post("a length in hex", b"content-length: 0x36", LEAD, 400),
    _post("no length", b"x-y: y", LEAD, 400),
    _post("an unknown transfer coding", b"transfer-encoding: gzip", LEAD, 400),
    _post("gzip in chunks", b"transfer-encoding: gzip, chunked", CHUNK, 415),
    _post("chunks, but not at last", b"transfer-encoding: chunked, gzip", CHUNK, 400),
    _post("an unknown expectation", LENGTH, LEAD, *TAKEN, 417, more=b"expect: more"),
    _get("a URL of 9 kB", b"/" + b"a" * 9_000, 414),
    _get("a query of 9 kB", b"/leads?q=" + b"a" * 9_000, 414),
    _get("a URL of 100 kB", b"/" + b"a" * 100_000, 414),
    _get("a query of 10,000 parameters", b"/leads?" + b"a=1&" * 10_000, 414),
    _get("a URL of 1 MB", b"/" + b"a" * 1_000_000, 414, 431),
    _get("an asset of 5,000 characters", b"/docs/assets/" + b"a" * 5_000, 404),
    _get("an asset of a NUL", b"/docs/assets/%00", 400),
    _get("an asset above the folder", b"/docs/assets/../../../../../etc/passwd", 404),
    _get("an asset above, escaped", b"/docs/assets/%2e%2e%2f%2e%2e%2fpasswd", 404),
    _get("a NUL in the path", b"/leads/\x00", 400),
    _get("an escaped NUL", b"/leads/%00", 400),
    _get("bytes that are not UTF-8", b"/leads/\xff", 400),
    _get("escapes that are not UTF-8", b"/leads?cursor=%ff", 400),
    _get("half an escape", b"/leads/%z", 400),
    _get("a fragment", b"/leads#top", 200),
    _get("no path", b"", 400),
    _get("a path without a slash", b"leads", 400, 404),
    _get("another host's URL", b"http://other.test/leads", 200),
    _headers("200 headers", *(b"x-%d: x" % n for n in range(200)), statuses=(431,)),
    _headers("a header of 100 kB", b"x-a: " + b"a" * 100_000, statuses=(431,)),
    _headers("a header of 2 MB", b"x-a: " + b"a" * 2_000_000, statuses=(431,)),
    _headers("a NUL in a header", b"x-a: a\x00b"),
    _headers("a control character in a header", b"x-a: a\x01b"),
    _headers("a header that is not ASCII", b"x-request-id: \xff\xfe", statuses=(200,)),
    _headers("a folded header", b"x-a: a\r\n b"),
    _headers("a blank before the colon", b"x-a : a"),
    _headers("a header without a name", b": a"),
    _headers("a header without a colon", b"nonsense"),
    _headers("two keys", b"x-api-key: other", statuses=(401,)),
    _headers("two hosts", b"host: other.test", statuses=(200, 400)),
    _headers("an upgrade to a websocket", b"connection: upgrade", b"upgrade: websocket",
             statuses=(200, 426)),
    _headers("an upgrade to HTTP/2", b"connection: upgrade", b"upgrade: h2c", statuses=(200,)),
    Abuse("bare line feeds", request().replace(b"\r\n", b"\n"), (200, 400)),
    Abuse("bare carriage returns", request().replace(b"\n", b""), (400,), end=True),
    Abuse("blank lines first", b"\r\n\r\n" + request(), (200,)),
    Abuse("HTTP/0.9", b"GET /leads\r\n", (400,), end=True),
    Abuse("HTTP/1.0 without a host", request(b"GET /leads HTTP/1.0", host=b""), (200,)),
    Abuse("HTTP/1.1 without a host", request(host=b""), (200, 400)),
    Abuse("HTTP/1.2", request(b"GET /leads HTTP/1.2"), (400,)),
    Abuse("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (), end=True),
    Abuse("every byte there is", bytes(range(256)), (400,), end=True),
    Abuse("a TLS hello", bytes.fromhex("16030100c5010000c10303") + bytes(200), (400,), end=True),
    Abuse("100 kB of zeros", bytes(100_000), (400,), end=True),
    Abuse("nothing", b"", (), end=True),
    Abuse("half a request line", b"GET /lea", (), end=True),
    Abuse("half the headers", request()[:-4], (), end=True),
    Abuse("an unknown method", request(b"FROB /leads HTTP/1.1"), (405,)),
    Abuse("a method of 5,000 letters", request(b"A" * 5_000 + b" /leads HTTP/1.1"), (400, 405)),
    Abuse("a tunnel", request(b"CONNECT other.test:443 HTTP/1.1"), (400, 404, 405)),
    Abuse("options of everything", request(b"OPTIONS * HTTP/1.1"), (204, 404)),
    Abuse("a gigabyte to read with",
          request(b"GET /leads HTTP/1.1", b"content-length: 1000000000", body=b"x" * 100), (200,)),
    Abuse("chunks to delete with",
          request(b"DELETE /leads HTTP/1.1", CHUNKED, body=b"5\r\nhello\r\n0\r\n\r\n"), (405,)),
    Abuse("a second request behind a short length",
          post(b"content-length: 0", body=request(b"DELETE /leads HTTP/1.1")), (400,)),
]  # fmt: skip
