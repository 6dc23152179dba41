"""The engines that a run was on, told at its end; where several processes test, by all of them."""

from collections.abc import Iterable

import pytest

FOUND = pytest.StashKey[set[str]]()


def tell(config: pytest.Config, *engines: str) -> None:
    config.stash.setdefault(FOUND, set()).update(engines)


def found(config: pytest.Config) -> Iterable[str]:
    engines: set[str] = config.stash.get(FOUND, set())
    return sorted(engines)
