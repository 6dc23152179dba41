"""The four ways to an engine, in the order in which they are tried."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Found = TypeVar("Found")

ARMS = ("env", "containers", "binaries", "wheels")
OWN_ARMS = ("binaries", "wheels")


class Unavailable(Exception):
    """An engine cannot be had in this way; the sentence says why."""


def forced_arm() -> str | None:
    """What TEST_ENGINES says, or None where it is not set."""
    arm = os.environ.get("TEST_ENGINES") or None
    if arm not in (None, *ARMS):
        raise Unavailable(f"TEST_ENGINES={arm} is none of {', '.join(ARMS)}")
    return arm


def arms(url_variable: str) -> tuple[str, ...]:
    """The arms to try; a server that was named is the only one meant, so a dead one is an error."""
    if arm := forced_arm():
        return (arm,)
    return ("env",) if os.environ.get(url_variable) else ARMS


def own_arms() -> tuple[str, ...]:
    """The arms that give a server of our own, which a test may kill."""
    arm = forced_arm()
    return (arm,) if arm in OWN_ARMS else OWN_ARMS


def first_of(
    what: str, ways: Mapping[str, Callable[[], Found]], tried: Iterable[str]
) -> tuple[str, Found]:
    """The first arm that leads somewhere; Unavailable with every reason where none does."""
    reasons = []
    for arm in tried:
        try:
            return arm, ways[arm]()
        except Unavailable as why:
            reasons.append(f"  {arm}: {why}")
    raise Unavailable("\n".join([f"no {what} to test with; tried", *reasons]))
