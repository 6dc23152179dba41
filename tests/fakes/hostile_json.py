"""What a JSON API may do to whoever reads it, and what a sync must make of it."""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.http_server import Reply, Request
from tests.fakes.json_api import a_contact


@dataclass(frozen=True, slots=True)
class Deed:
    """`state` and `error` are how the run must end; `takes_time` if it ends by a deadline."""

    do: Callable[[Request], Reply]
    state: str
    error: str
    takes_time: bool = False


def _page(data: Any, following: object = None) -> Reply:
    return Reply(body=json.dumps({"data": data, "paging": {"next": following}}).encode())


def _bomb() -> Reply:
    packed = gzip.compress(b'{"data": [' + b" " * 200_000_000 + b"]}", 1)
    return Reply(body=packed, headers={"content-encoding": "gzip"})


def _another_page(request: Request) -> Reply:
    number = int(request.query.get("after", "0"))
    return _page([], number + 1)


def _gigabyte() -> Reply:
    headers = {"content-length": "1000000000"}
    return Reply(body=b" " * 100_000, endless=True, headers=headers)


def _always(reply: Reply) -> Callable[[Request], Reply]:
    return lambda _: reply


NOBODY = {"id": None, "full_name": None, "contact": {"email": None, "phones": [None]}}
LONG = a_contact(1) | {"full_name": "a" * 10_000_000}
ALMOST_AS_LONG = a_contact(1) | {"full_name": "a" * 9_000_000}

DEEDS: Mapping[str, Deed] = {
    "500": Deed(_always(Reply(500, b"oops")), "failed", "unavailable"),
    "reset": Deed(_always(Reply(reset=True)), "failed", "unavailable"),
    "cut": Deed(_always(Reply(body=b'{"data": []}', cut_after=5)), "failed", "unavailable"),
    "redirect": Deed(
        _always(Reply(302, headers={"location": "http://127.0.0.1:1/"})), "failed", "refused"
    ),
    "HTML": Deed(
        _always(Reply(body=b"<!doctype html>", content_type="text/html")), "failed", "malformed"
    ),
    "broken JSON": Deed(_always(Reply(body=b'{"data": [{"id"')), "failed", "malformed"),
    "deep JSON": Deed(_always(Reply(body=b"[" * 1_000_000)), "failed", "malformed"),
    "slow": Deed(_always(Reply(body=b" " * 1_000, trickle=0.05)), "failed", "timeout", True),
    "silence": Deed(_always(Reply(delay=3_600)), "failed", "timeout", True),
    "1 GB": Deed(lambda _: _gigabyte(), "failed", "too_large"),
    "a stream without end": Deed(
        _always(Reply(body=b" " * 100_000, endless=True)), "failed", "too_large"
    ),
    "gzip bomb": Deed(lambda _: _bomb(), "failed", "too_large"),
    "a million rows": Deed(
        _always(Reply(body=b'{"data": [' + b"{}," * 1_000_000 + b"{}]}")), "failed", "too_large"
    ),
    "endless pages": Deed(_another_page, "failed", "too_large"),
    "the same page twice": Deed(_always(_page([a_contact(1)], 7)), "failed", "malformed"),
    "a name of 10 MB": Deed(_always(_page([LONG])), "failed", "too_large"),
    "a name of 9 MB": Deed(_always(_page([ALMOST_AS_LONG])), "degraded", "empty"),
    "null": Deed(_always(Reply(body=b"null")), "failed", "malformed"),
    "null for rows": Deed(_always(_page(None)), "degraded", "empty"),
    "no rows": Deed(_always(_page([])), "degraded", "empty"),
    "rows of nulls": Deed(_always(_page([None, {}, NOBODY])), "degraded", "empty"),
}
