"""The request guard: what a target and headers may be."""

import httpx
import pytest

from entrypoints.http.request_guard import MAX_HEADERS, MAX_TARGET


@pytest.mark.parametrize(
    "path",
    [
        "/problems?q=100%25",
        "/problems?q=Jos\u00e9+B%C3%BCcher",
        "/problems?q=%F0%9F%A6%80",
        "/problems?",
    ],
)
async def test_what_is_text_is_let_through(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


async def test_a_url_as_long_as_may_be_is_let_through(client: httpx.AsyncClient) -> None:
    room = MAX_TARGET - len("/problemsq=")

    assert (await client.get(f"/problems?q={'a' * room}")).status_code == 200
    assert (await client.get(f"/problems?q={'a' * (room + 1)}")).status_code == 414


async def test_headers_of_half_the_size_are_let_through(client: httpx.AsyncClient) -> None:
    response = await client.get("/problems", headers={"cookie": "a" * (MAX_HEADERS // 2)})

    assert response.status_code == 200


async def test_what_is_too_large_needs_no_key_to_be_refused(client: httpx.AsyncClient) -> None:
    del client.headers["x-api-key"]

    response = await client.get("/leads", headers={"cookie": "a" * MAX_HEADERS})

    assert response.json()["type"] == "/problems/headers-too-large"


async def test_a_path_starts_no_line_of_the_log(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "smart_crm.access"):
        await client.get("/leads/%0aforged")

    assert [r.getMessage() for r in caplog.records if r.name == "smart_crm.access"] == [
        "GET '/leads/\\nforged'"
    ]
