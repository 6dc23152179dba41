"""Waiting for a server by asking it, within a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from tests.engines.arms import Unavailable

Answer = TypeVar("Answer")

DEADLINE = 30.0
PAUSE = 0.02


def first_answer(ask: Callable[[], Answer], alive: Callable[[], bool]) -> Answer:
    """Ask until there is an answer; Unavailable once the server is dead or the deadline is past."""
    end = time.monotonic() + DEADLINE
    while True:
        try:
            return ask()
        except Unavailable as why:
            if not alive():
                raise Unavailable(f"it died at its start ({why})") from why
            if time.monotonic() > end:
                raise Unavailable(f"not ready after {DEADLINE:.0f} s ({why})") from why
        time.sleep(PAUSE)


def server_name(url: str) -> str:
    """Host and port, without the password."""
    return urlsplit(url).netloc.rpartition("@")[2]
