"""Idempotency-Key over the memory database, and what the document says of it."""

import httpx
import pytest

from adapters.databases.memory.unit_of_work import MemoryUnitOfWork
from entrypoints.container import System
from entrypoints.http.body_guard import STREAMED
from tests.contracts.http_idempotency import HEADER, HttpIdempotencyContract, on_every_post
from tests.posts import POSTS, Post


class TestIdempotencyInMemory(HttpIdempotencyContract):
    pass


@on_every_post
async def test_without_a_key_nothing_is_asked_of_the_store_and_nothing_kept(
    client: httpx.AsyncClient, system: System, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await post.path(client, system)
    monkeypatch.delattr(MemoryUnitOfWork, "receipts")

    assert (await client.post(path, json=post.body)).status_code == post.status


async def test_the_document_has_the_header_and_its_refusals_on_every_post(
    client: httpx.AsyncClient,
) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    posts = {path: found["post"] for path, found in paths.items() if "post" in found}
    # a file is streamed, and may be sent twice
    assert HEADER not in {given["name"] for given in posts.pop(STREAMED)["parameters"]}

    assert set(posts) == {post.route for post in POSTS}
    for operation in posts.values():
        assert HEADER in {given["name"] for given in operation["parameters"]}
        assert {"400", "409", "422"} <= set(operation["responses"])


async def test_other_methods_do_not_have_it(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    others = [o for path in paths.values() for name, o in path.items() if name != "post"]

    assert all(
        given["name"] != HEADER for operation in others for given in operation.get("parameters", [])
    )
