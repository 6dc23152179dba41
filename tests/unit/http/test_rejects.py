"""Rejected rows, over the memory database."""

from tests.contracts.http_rejects import HttpRejectsContract


class TestRejectsInMemory(HttpRejectsContract):
    pass
