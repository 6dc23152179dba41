"""The promise about insights, in memory."""

from tests.contracts.http_insights import HttpInsightsContract


class TestInsightsInMemory(HttpInsightsContract):
    pass
