"""The AI's usage over a system in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest

from entrypoints.container import System
from tests.contracts.http_ai import CAPS, HttpAiContract
from tests.systems import a_system


class TestAiUsageInMemory(HttpAiContract):
    @pytest.fixture
    async def system(self) -> AsyncIterator[System]:
        async with a_system(CAPS) as system:
            yield system


async def test_without_caps_there_is_no_end_of_them(client: httpx.AsyncClient) -> None:
    told = (await client.get("/ai/usage")).json()

    assert told["caps"] == told["remaining"] == {"calls": None, "cost_usd": None}
