"""What Idempotency-Key promises on every POST: done once, answered the same, refused if abused."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from application.ports import UnitOfWork, UnitsOfWork
from entrypoints.container import System
from entrypoints.http import idempotency
from tests.bad_requests import GOOD, JSON
from tests.posts import NOTE, OTHER_LEAD, POSTS, Body, Post
from tests.systems import a_client, another_api

HEADER, REPLAYED = "idempotency-key", "idempotency-replayed"
OTHER_KEY = "crm_other_0123456789abcdef"
on_every_post = pytest.mark.parametrize("post", POSTS, ids=lambda post: post.route)


async def nothing() -> None:
    pass


async def crash() -> None:
    raise RuntimeError("crashed")


@dataclass(frozen=True, slots=True)
class Watched(UnitsOfWork):
    """Transactions with something of the test's own right before and after their commit."""

    units: UnitsOfWork
    before_commit: Callable[[], Awaitable[None]] = nothing
    after_commit: Callable[[], Awaitable[None]] = nothing

    @asynccontextmanager
    async def __call__(self, *, reads_only: bool = False) -> AsyncIterator[UnitOfWork]:
        async with self.units(reads_only=reads_only) as work:
            yield work
            await self.before_commit()
        await self.after_commit()


def watched(system: System, use_case: str, **moments: Callable[[], Awaitable[None]]) -> System:
    """The system with one use case on watched transactions."""
    known: Any = getattr(system.crm, use_case)
    cut = replace(known, unit_of_work=Watched(known.unit_of_work, **moments))
    changes: dict[str, Any] = {use_case: cut}
    return replace(system, crm=replace(system.crm, **changes))


async def send(
    client: httpx.AsyncClient, path: str, body: Body = None, key: str = "k-1"
) -> httpx.Response:
    return await client.post(path, json=body, headers={HEADER: key})


async def state(client: httpx.AsyncClient, *lead_paths: str) -> list[tuple[int, Any]]:
    """All that the API shows, but for what each problem says of its own request."""
    parts = ("", "/timeline", "/activities", "/summaries")
    paths = ["/leads", "/sync/runs", *(f"{path}{part}" for path in lead_paths for part in parts)]
    found = [await client.get(path) for path in paths]
    return [(each.status_code, each.is_success and each.json()) for each in found]


def lead_path(answer: httpx.Response) -> list[str]:
    told = answer.json()
    lead_id = told.get("lead_id") or ("email" in told and told["id"])
    return [f"/leads/{lead_id}"] if lead_id else []


def is_replay(again: httpx.Response, first: httpx.Response) -> bool:
    """The same answer, and said to be one that was given before."""
    headers = ("location", "etag", "content-type")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert [again.headers.get(name) for name in headers] == [
        first.headers.get(name) for name in headers
    ]
    return again.headers.get(REPLAYED) == "true" and REPLAYED not in first.headers


class HttpIdempotencyContract:
    """Inherit it with a `system` fixture."""

    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(idempotency, "PATIENCE_SECONDS", 0.5)

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client

    @on_every_post
    async def test_what_comes_again_is_answered_the_same_and_not_done_again(
        self, client: httpx.AsyncClient, system: System, post: Post
    ) -> None:
        path = await post.path(client, system)
        first = await send(client, path, post.body)
        await post.meanwhile(client, system, first)
        before = await state(client, *lead_path(first))

        again = await send(client, path, post.body)

        assert first.status_code == post.status
        assert is_replay(again, first)
        assert await state(client, *lead_path(first)) == before

    @on_every_post
    async def test_an_answer_that_was_lost_after_the_commit_is_given_again(
        self, client: httpx.AsyncClient, system: System, post: Post
    ) -> None:
        path = await post.path(client, system)
        async with a_client(watched(system, post.use_case, after_commit=crash)) as dying:
            lost = await send(dying, path, post.body)

        again = await send(client, path, post.body)

        assert lost.status_code == 500
        assert (again.status_code, again.headers[REPLAYED]) == (post.status, "true")
        before = await state(client, *lead_path(again))
        assert (await send(client, path, post.body)).content == again.content
        assert await state(client, *lead_path(again)) == before

    @on_every_post
    async def test_a_crash_before_the_commit_leaves_neither_work_nor_answer(
        self, client: httpx.AsyncClient, system: System, post: Post
    ) -> None:
        path = await post.path(client, system)
        before = await state(client)
        async with a_client(watched(system, post.use_case, before_commit=crash)) as dying:
            await send(dying, path, post.body)
        after = await state(client)

        again = await send(client, path, post.body)

        assert after == before
        assert (again.status_code, again.headers.get(REPLAYED)) == (post.status, None)

    @on_every_post
    async def test_another_body_with_the_key_is_refused(
        self, client: httpx.AsyncClient, system: System, post: Post
    ) -> None:
        path = await post.path(client, system)
        first = await send(client, path, post.body)
        before = await state(client, *lead_path(first))

        other = await send(client, path, post.other_body)

        assert (other.status_code, other.json()["type"]) == (
            422,
            "/problems/idempotency-key-reused",
        )
        assert await state(client, *lead_path(first)) == before
        assert is_replay(await send(client, path, post.body), first)

    @on_every_post
    async def test_while_it_is_being_answered_others_wait_a_while_and_are_told_so(
        self, client: httpx.AsyncClient, system: System, post: Post
    ) -> None:
        working, may_commit = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            working.set()
            await may_commit.wait()

        path = await post.path(client, system)
        async with a_client(watched(system, post.use_case, before_commit=hold)) as slow:
            answering = asyncio.create_task(send(slow, path, post.body))
            await working.wait()
            early = await send(client, path, post.body)
            asking = asyncio.create_task(send(client, path, post.body))
            may_commit.set()
            first, waited = await asyncio.gather(answering, asking)

        assert (early.status_code, early.json()["type"]) == (
            409,
            "/problems/idempotency-key-in-flight",
        )
        assert int(early.headers["retry-after"]) > 0
        assert is_replay(waited, first)

    async def test_another_parameter_is_another_request(self, client: httpx.AsyncClient) -> None:
        await send(client, "/sync")

        assert (await send(client, "/sync?source=randomuser")).status_code == 422

    async def test_the_same_document_in_another_spelling_is_the_same_request(
        self, client: httpx.AsyncClient
    ) -> None:
        first = await send(client, "/leads", GOOD)
        spelling = json.dumps(dict(reversed(GOOD.items())), indent=2).replace("G", "\\u0047")

        again = await client.post("/leads", content=spelling, headers={**JSON, HEADER: "k-1"})

        assert is_replay(again, first)

    async def test_the_alias_is_the_same_route(self, client: httpx.AsyncClient) -> None:
        first = await send(client, "/leads", GOOD)

        assert is_replay(await send(client, "/create-lead", GOOD), first)

    async def test_a_key_is_the_routes_own_ids_included(self, client: httpx.AsyncClient) -> None:
        leads = [await send(client, "/leads", body) for body in (GOOD,)]
        leads.append(await send(client, "/leads", OTHER_LEAD, key="k-2"))
        paths = [f"/leads/{lead.json()['id']}" for lead in leads]

        added = [await send(client, f"{path}/activities", NOTE) for path in paths]
        asked = [await send(client, f"{path}/summarize", NOTE) for path in paths]

        assert [answer.status_code for answer in added + asked] == [201, 201, 202, 202]
        assert all(REPLAYED not in answer.headers for answer in added + asked)

    async def test_a_key_is_its_api_keys_own(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        await send(client, "/leads", GOOD)
        async with another_api(system, OTHER_KEY) as other:
            answer = await send(other, "/leads", OTHER_LEAD)

        assert (answer.status_code, answer.headers.get(REPLAYED)) == (201, None)

    async def test_a_refusal_is_not_kept(self, client: httpx.AsyncClient) -> None:
        holder = (await send(client, "/leads", GOOD, key="k-2")).json()["id"]
        refused = await send(client, "/leads", GOOD)
        await client.delete(f"/leads/{holder}")

        again = await send(client, "/leads", GOOD)

        assert (refused.status_code, again.status_code) == (409, 201)
        assert REPLAYED not in again.headers

    async def test_after_a_refusal_the_body_may_be_mended(self, client: httpx.AsyncClient) -> None:
        refused = await send(client, "/leads", {**GOOD, "email": "grace"})

        mended = await send(client, "/leads", GOOD)

        assert (refused.status_code, mended.status_code) == (422, 201)

    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
    async def test_other_methods_take_no_notice_of_it(
        self, client: httpx.AsyncClient, method: str
    ) -> None:
        path = f"/leads/{(await send(client, '/leads', GOOD)).json()['id']}"
        bodies = [{"notes": "One."}, {"notes": "Two."}] if method == "PATCH" else [None, None]

        answers = [
            await client.request(method, path, json=body, headers={HEADER: "k-1"})
            for body in bodies
        ]

        assert [answer.status_code for answer in answers] == (
            [204, 404] if method == "DELETE" else [200, 200]
        )
        assert all(REPLAYED not in answer.headers for answer in answers)

    @pytest.mark.parametrize("key", ["!" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
    async def test_any_visible_characters_make_a_key(
        self, client: httpx.AsyncClient, key: str
    ) -> None:
        first = await send(client, "/leads", GOOD, key)

        assert is_replay(await send(client, "/leads", GOOD, key), first)

    @pytest.mark.parametrize("key", [b"", b"x" * 256, b"a b", "schl\u00fcssel".encode(), b"a\x7f"])
    async def test_anything_else_is_refused(self, client: httpx.AsyncClient, key: bytes) -> None:
        response = await client.post("/leads", json=GOOD, headers={HEADER.encode(): key})

        assert (response.status_code, response.json()["type"]) == (400, "/problems/bad-request")
        assert HEADER in response.json()["detail"]
        assert (await client.get("/leads")).json()["items"] == []

    async def test_two_keys_are_refused(self, client: httpx.AsyncClient) -> None:
        headers = [(HEADER, "k-1"), (HEADER, "k-2"), *JSON.items()]

        response = await client.post("/leads", content=json.dumps(GOOD), headers=headers)

        assert response.status_code == 400
