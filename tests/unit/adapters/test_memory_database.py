"""The memory database keeps every database's promises."""

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.system import SystemClock
from tests.contracts.databases import DatabaseContract
from tests.contracts.databases.recording import RecordingHook


class TestMemoryDatabase(DatabaseContract):
    adapter = "databases.memory"

    @pytest.fixture
    def hook(self) -> RecordingHook:
        return RecordingHook()

    @pytest.fixture
    def database(self, hook: RecordingHook) -> MemoryDatabase:
        return MemoryDatabase(SystemClock(), hook)
