"""Idempotency-Key over the memory database, and what the document says of it."""

import httpx

from tests.contracts.http_idempotency import HEADER, HttpIdempotencyContract
from tests.posts import POSTS


class TestIdempotencyInMemory(HttpIdempotencyContract):
    pass


async def test_the_document_has_the_header_and_its_refusals_on_every_post(
    client: httpx.AsyncClient,
) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    posts = {path: found["post"] for path, found in paths.items() if "post" in found}

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
