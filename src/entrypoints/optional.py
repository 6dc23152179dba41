"""Libraries that our libraries take along wherever they are installed, whether used or not."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

UNUSED = frozenset({"attr", "attrs", "pydantic", "pydantic_settings", "werkzeug"})
"""What dependency-injector, Litestar and advanced-alchemy can work with: nobody gives them any."""


class _AllBut(MetaPathFinder):
    """What the finders find, as if UNUSED were not installed."""

    def __init__(self, finders: Sequence[Any]) -> None:
        self._finders = finders

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in UNUSED:
            return None
        found: Iterator[ModuleSpec | None] = (
            finder.find_spec(fullname, path, target) for finder in self._finders
        )
        return next((spec for spec in found if spec is not None), None)

    # how libraries read their own version
    find_distributions = staticmethod(PathFinder.find_distributions)


@contextmanager
def unused_left_out() -> Iterator[None]:
    """In this block they are as if not installed; who was imported before stays so afterwards.

    Only for blocks that await nothing, as it is the whole process that does not find them.
    """
    finders = list(sys.meta_path)
    hidden = {name: sys.modules.pop(name) for name in UNUSED if name in sys.modules}
    sys.meta_path[:] = [_AllBut(finders)]
    try:
        yield
    finally:
        sys.meta_path[:] = finders
        sys.modules.update(hidden)
