"""Upserts and batches, over the memory database."""

from tests.contracts.http_bulk import HttpBulkContract


class TestBulkInMemory(HttpBulkContract):
    pass
