"""The promises to those who wait, over the memory database."""

from tests.contracts.http_waiting import HttpWaitingContract


class TestWaitingInMemory(HttpWaitingContract):
    pass
