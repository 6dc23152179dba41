"""What the API promises of changing, deleting and restoring leads, and of what it tells of it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from entrypoints.container import System
from tests.contracts.http_changes.activities import ActivitiesContract
from tests.contracts.http_changes.deletion import DeletionContract
from tests.contracts.http_changes.patch import PatchContract
from tests.contracts.http_changes.preconditions import PreconditionsContract
from tests.contracts.http_changes.timeline import TimelineContract
from tests.systems import a_client


class HttpChangesContract(
    PatchContract, PreconditionsContract, DeletionContract, TimelineContract, ActivitiesContract
):
    """Inherit it with a `system` fixture."""

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client


__all__ = ["HttpChangesContract"]
