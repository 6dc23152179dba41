"""The promise about summaries, in memory."""

from tests.contracts.http_summaries import HttpSummariesContract


class TestSummariesInMemory(HttpSummariesContract):
    pass
