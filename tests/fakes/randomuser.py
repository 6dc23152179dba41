"""A server that speaks the random-user API's format, and misbehaves as such servers do."""

import argparse
import gzip
import json
import threading
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from random import randbytes
from typing import Any, Self
from uuid import UUID

from tests.fakes.http_server import HttpServer, Reply, Request

SEED = "abc"
PAGE = b"<!doctype html><html><title>Service unavailable</title></html>"


def a_user(number: int) -> dict[str, Any]:
    """The same number, the same user."""
    return {
        "gender": "female",
        "name": {"title": "Ms", "first": f"Ada{number}", "last": "Lovelace"},
        "location": {"city": "London", "country": "United Kingdom"},
        "email": f"ada{number}.lovelace@example.com",
        "login": {"uuid": str(UUID(int=number + 1)), "username": f"ada{number}"},
        "dob": {"date": "1815-12-10T00:00:00Z", "age": 36},
        "phone": f"020 555 {number:04d}",
        "nat": "GB",
    }


def _named(length: int) -> dict[str, Any]:
    return {**a_user(0), "name": {"first": "a" * length}}


def users(count: int, first: int = 0) -> list[Any]:
    return [a_user(number) for number in range(first, first + count)]


def _answer(results: Any, seed: str = SEED, page: int = 1) -> Reply:
    info = {"seed": seed, "results": len(results or []), "page": page, "version": "1.4"}
    return Reply(body=json.dumps({"results": results, "info": info}).encode())


MALFORMED_USERS: Mapping[str, Any] = {
    "null": None,
    "a string": "Ada",
    "a number": 5,
    "a list": [["name", "Ada"]],
    "empty": {},
    "without a name": {**a_user(0), "name": None},
    "with a name of numbers": {**a_user(0), "name": {"first": 1, "last": 2}},
    "with a name of another kind": {**a_user(0), "name": ["Ada", "Lovelace"]},
    "with a name of a megabyte": {**a_user(0), "name": {"first": "a" * 1_000_000}},
    "without an address": {**a_user(0), "email": None},
    "with a number for an address": {**a_user(0), "email": 7},
    "with an object for a phone": {**a_user(0), "phone": {"home": "1"}},
    "with a number for an id": {**a_user(0), "login": {"uuid": 1}},
}
"""Users that cannot become leads."""


def _packed(body: bytes) -> Reply:
    return Reply(body=gzip.compress(body), headers={"content-encoding": "gzip"})


@cache
def _bomb() -> bytes:
    """A hundred megabytes, never held as a whole."""
    packing = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    packed = [packing.compress(b" " * 1_000_000) for _ in range(100)]
    return b"".join([*packed, packing.flush()])


def _reseeded(good: Reply, found: list[Any]) -> Reply:
    page = json.loads(good.body)["info"]["page"]
    return _answer(found, f"seed of page {page}", page)


MISBEHAVIOURS: Mapping[str, Callable[[Reply, list[Any]], Reply]] = {
    "empty": lambda _, __: _answer([]),
    "one malformed": lambda _, found: _answer([None, *found[1:]]),
    "all malformed": lambda _, __: _answer(list(MALFORMED_USERS.values())[:8]),
    "nulls": lambda _, found: _answer([None] * len(found)),
    "name of nine megabytes": lambda _, found: _answer([_named(9_000_000), *found[1:]]),
    "name of ten megabytes": lambda _, found: _answer([_named(10_000_000), *found[1:]]),
    "the same page": lambda _, found: _answer(users(len(found))),
    "another seed on each page": _reseeded,
    "null results": lambda _, __: _answer(None),
    "results of another type": lambda _, __: Reply(body=b'{"results": {"a": 1}}'),
    "no results": lambda _, __: Reply(body=b'{"error": "Uh oh, something has gone wrong."}'),
    "null info": lambda _, found: Reply(body=json.dumps({"results": found, "info": None}).encode()),
    "an array": lambda _, __: Reply(body=b"[]"),
    "null": lambda _, __: Reply(body=b"null"),
    "nothing": lambda _, __: Reply(204),
    "500": lambda _, __: Reply(500, b"oops"),
    "408": lambda _, __: Reply(408, b"{}"),
    "429": lambda _, __: Reply(429, b"{}", headers={"retry-after": "1"}),
    "429 for an hour": lambda _, __: Reply(429, b"{}", headers={"retry-after": "3600"}),
    "429 until a date": lambda _, __: Reply(
        429, b"{}", headers={"retry-after": "Wed, 01 Jan 3000 00:00:00 GMT"}
    ),
    "429 until nonsense": lambda _, __: Reply(429, b"{}", headers={"retry-after": "\xb2"}),
    "404": lambda _, __: Reply(404, b"{}"),
    "html": lambda _, __: Reply(200, PAGE, "text/html"),
    "html called json": lambda _, __: Reply(200, PAGE),
    "json called html": lambda good, _: replace(good, content_type="text/html"),
    "json called text": lambda good, _: replace(good, content_type="text/plain; charset=utf-8"),
    "broken json": lambda good, _: Reply(body=good.body[:-20]),
    "not utf-8": lambda _, __: Reply(body=b'{"results": ["\xff"]}'),
    "deep json": lambda _, __: Reply(body=b'{"results": ' + b"[" * 100_000),
    "trickle": lambda good, _: replace(good, trickle=0.05),
    "hang": lambda _, __: Reply(delay=3600),
    "reset": lambda _, __: Reply(reset=True),
    "cut": lambda good, _: replace(good, cut_after=50),
    "redirect": lambda _, __: Reply(302, headers={"location": "http://127.0.0.1:1/"}),
    "huge": lambda _, __: Reply(body=b" " * 30_000_000),
    "endless": lambda _, __: Reply(body=b" " * 100_000, endless=True),
    "a gigabyte": lambda _, __: Reply(
        body=b" " * 100_000, endless=True, headers={"content-length": "1000000000"}
    ),
    "gzip without end": lambda _, __: replace(_packed(randbytes(100_000)), endless=True),
    "gzip": lambda good, _: _packed(good.body),
    "broken gzip": lambda good, _: replace(_packed(good.body), body=good.body),
    "gzip bomb": lambda _, __: Reply(body=_bomb(), headers={"content-encoding": "gzip"}),
    "gzip bomb in a bomb": lambda _, __: Reply(
        body=gzip.compress(_bomb()), headers={"content-encoding": "gzip, gzip"}
    ),
}
"""From a good reply and the users in it to a bad one, or to a good one in odd clothes."""


class FakeRandomUser:
    """Answers `?results=N&page=P&seed=S` while the block is open; the same S, the same users."""

    def __init__(self, port: int = 0) -> None:
        self.instead: list[Any] = []
        """Users to offer in place of the first ones."""
        self._server = HttpServer(self._handle, port)
        self._misbehaviour: str | None = None
        self._times: int | None = None

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def requests(self) -> list[Request]:
        return self._server.requests

    def misbehave(self, name: str | None, times: int | None = None) -> None:
        """Fail in this way for the next `times` requests, or for good; None is good behaviour."""
        self._misbehaviour, self._times = name, times

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def _handle(self, request: Request) -> Reply:
        count, page = int(request.query.get("results", "1")), int(request.query.get("page", "1"))
        seed = request.query.get("seed", SEED)
        first = 0 if seed == SEED else zlib.crc32(seed.encode())
        found = users(min(count, 5_000), first + (page - 1) * count)
        found[: len(self.instead)] = self.instead
        good, name = _answer(found, seed, page), self._misbehaviour
        if self._times is not None:
            self._times -= 1
            if self._times <= 0:
                self.misbehave(None)
        return MISBEHAVIOURS[name](good, found) if name else good


def main() -> None:
    """Serve until killed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--misbehave", choices=sorted(MISBEHAVIOURS))
    options.add_argument("--times", type=int, help="for so many requests; for good unless told")
    chosen = options.parse_args()

    with FakeRandomUser(chosen.port) as fake, suppress(KeyboardInterrupt):
        fake.misbehave(chosen.misbehave, chosen.times)
        print(f"ready at {fake.url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
