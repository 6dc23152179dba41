"""The API over a system in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest

from entrypoints.container import System
from tests.systems import a_client, a_system


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with a_system() as system:
        yield system


@pytest.fixture
async def client(system: System) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(system) as client:
        yield client
