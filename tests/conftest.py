"""What every test shares."""

import gc

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.contracts")

# the same examples in every run: a failure is then that of a change, and of whoever made it
settings.register_profile("repeatable", derandomize=True, database=None)
settings.load_profile("repeatable")


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at it after every few tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
