"""A database in this process's memory: for tests, and for a server that may forget."""

from adapters.databases.memory.unit_of_work import MemoryDatabase

__all__ = ["MemoryDatabase"]
