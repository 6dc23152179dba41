"""One request before the many: both sides must give the same answer to be compared at all."""

from collections.abc import Collection
from typing import Any

import httpx

from bench.load import Load, Target
from tests.processes import KEY


def answer_of(target: Target, load: Load) -> httpx.Response:
    """To the first request of the load."""
    path = load.path.replace("{id}", f"{load.first:012x}")
    body = load.body.replace("{n}", str(load.first))
    headers = {"x-api-key": KEY, "content-type": "application/json"} if body else {"x-api-key": KEY}
    return httpx.request(
        load.method, target.url + path, content=body, headers=headers, trust_env=False
    )


def must_be_alike(ours: httpx.Response, limit: httpx.Response, but: Collection[str] = ()) -> None:
    """Status and body; of the members in `but` only the names, as each side makes its own."""
    if ours.status_code != limit.status_code or _known(ours, but) != _known(limit, but):
        raise ValueError(f"not the same work: {ours.text[:600]} and {limit.text[:600]}")


def _known(response: httpx.Response, but: Collection[str]) -> dict[str, Any]:
    body = response.json()
    return {name: None if name in but else value for name, value in body.items()}
