"""What every test shares."""

import gc

import pytest

pytest.register_assert_rewrite("tests.contracts")


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at it after every few tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
