"""How much of a costly kind of work one process does at once; others have to wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from domain.errors import CrmError


@dataclass(slots=True)
class Places:
    capacity: int
    full: type[CrmError]
    running: int = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """`full` where none is free."""
        if self.running >= self.capacity:
            raise self.full
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
