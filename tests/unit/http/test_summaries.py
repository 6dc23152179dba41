"""Bulk summaries and diffs, over the memory database."""

from tests.contracts.http_summaries import HttpSummariesContract


class TestSummariesInMemory(HttpSummariesContract):
    pass
