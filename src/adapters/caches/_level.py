"""Documents in this process's memory, bounded by their number and by their bytes."""

from collections import OrderedDict

from application.ports import Document

OVERHEAD = 500
"""Bytes that an entry takes besides its body, about."""


class Level:
    """The least recently used goes first. Times are those of one monotonic clock."""

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[str, tuple[Document, float]] = OrderedDict()

    def get(self, key: str, now: float) -> Document | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        document, until = entry
        if until <= now:
            self.drop(key)
            return None
        self._entries.move_to_end(key)
        return document

    def keep(self, key: str, document: Document, until: float) -> None:
        self.drop(key)
        self._entries[key] = document, until
        self._bytes += _size(document)
        while self._bytes > self._max_bytes or len(self._entries) > self._max_entries:
            _, (oldest, _) = self._entries.popitem(last=False)
            self._bytes -= _size(oldest)

    def drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _size(entry[0])

    def clear(self) -> None:
        self._entries.clear()
        self._bytes = 0


def _size(document: Document) -> int:
    return len(document.body) + OVERHEAD
