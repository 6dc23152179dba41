"""The API's promises, over the memory database."""

from tests.contracts.http_api import HttpApiContract


class TestApiInMemory(HttpApiContract):
    pass
