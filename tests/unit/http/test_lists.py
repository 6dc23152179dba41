"""Lists of leads over a system in memory."""

from tests.contracts.http_lists import HttpListsContract


class TestListsInMemory(HttpListsContract):
    pass
