"""Changing, deleting and restoring, over the memory database."""

import asyncio

import httpx
import pytest

from entrypoints.container import System
from entrypoints.http.app import create_app
from tests.bad_requests import GOOD
from tests.contracts.http_changes import HttpChangesContract


class TestChangesInMemory(HttpChangesContract):
    pass


@pytest.mark.parametrize(
    ("key", "key_id"),
    [
        ("crm_ab12_0123456789abcdef", "ab12"),
        ("crm_ab12_with_more_underscores", "ab12"),
        ("crm__0123456789abcdef", "bootstrap"),
        ("crm_hunter2", "bootstrap"),
        ("some_other_form", "bootstrap"),
        ("hunter2", "bootstrap"),
    ],
)
async def test_who_asked_is_told_by_the_public_part_of_the_key(
    system: System, key: str, key_id: str
) -> None:
    app = create_app(system.crm, key, asyncio.Event())
    transport, headers = httpx.ASGITransport(app=app), {"x-api-key": key}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://crm.test", headers=headers, verify=False
    ) as client:
        lead = (await client.post("/leads", json=GOOD)).json()
        (created,) = (await client.get(f"/leads/{lead['id']}/timeline")).json()["items"]

    assert created["by"] == {"kind": "key", "id": key_id}
