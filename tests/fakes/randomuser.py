"""A server that speaks the random-user API's format, and misbehaves as such servers do."""

import argparse
import gzip
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Self
from uuid import UUID

from tests.fakes.http_server import HttpServer, Reply, Request

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


def users(count: int, first: int = 0) -> list[Any]:
    return [a_user(number) for number in range(first, first + count)]


def _answer(results: Any) -> Reply:
    info = {"seed": "abc", "results": len(results or []), "page": 1, "version": "1.4"}
    return Reply(body=json.dumps({"results": results, "info": info}).encode())


MISBEHAVIOURS: Mapping[str, Callable[[list[Any]], Reply]] = {
    "empty": lambda _: _answer([]),
    "one malformed": lambda found: _answer([None, *found[1:]]),
    "all malformed": lambda found: _answer([None, "x", 5, {}, {"name": None}, {"email": 7}]),
    "null results": lambda _: _answer(None),
    "results of another type": lambda _: Reply(body=b'{"results": {"a": 1}}'),
    "no results": lambda _: Reply(body=b'{"error": "Uh oh, something has gone wrong."}'),
    "an array": lambda _: Reply(body=b"[]"),
    "500": lambda _: Reply(500, b"oops"),
    "429": lambda _: Reply(429, b"{}", headers={"retry-after": "1"}),
    "404": lambda _: Reply(404, b"{}"),
    "html": lambda _: Reply(200, PAGE, "text/html"),
    "broken json": lambda found: Reply(body=_answer(found).body[:-20]),
    "not utf-8": lambda _: Reply(body=b'{"results": ["\xff"]}'),
    "deep json": lambda _: Reply(body=b'{"results": ' + b"[" * 100_000),
    "trickle": lambda found: Reply(body=_answer(found).body, trickle=0.05),
    "hang": lambda _: Reply(delay=3600),
    "reset": lambda _: Reply(reset=True),
    "cut": lambda found: Reply(body=_answer(found).body, cut_after=50),
    "redirect": lambda _: Reply(302, headers={"location": "http://127.0.0.1:1/"}),
    "huge": lambda _: Reply(body=b" " * 30_000_000),
    "gzip bomb": lambda _: Reply(
        body=gzip.compress(b" " * 100_000_000), headers={"content-encoding": "gzip"}
    ),
}


class FakeRandomUser:
    """Answers `?results=N&page=P` with users P·N … while the block is open."""

    def __init__(self, port: int = 0) -> None:
        self._server = HttpServer(self._handle, port)
        self._misbehaviour: str | None = None
        self._times: int | None = None

    @property
    def url(self) -> str:
        return self._server.url

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
        found = users(min(count, 5_000), (page - 1) * count)
        name = self._misbehaviour
        if self._times is not None:
            self._times -= 1
            if self._times <= 0:
                self.misbehave(None)
        return MISBEHAVIOURS[name](found) if name else _answer(found)


def main() -> None:
    """Serve until the process ends."""
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    with FakeRandomUser(options.parse_args().port) as fake:
        print(f"ready at {fake.url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
