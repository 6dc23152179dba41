"""What a start takes along: no more than the process needs, and nothing for the collector."""

import gc
import json
import subprocess
import sys

from entrypoints.garbage import OLDER, YOUNG, settle

LEFT_OUT = {
    "alembic", "croniter", "google", "httpx", "jsonpath", "redis", "rich", "saq", "structlog",
    "tenacity",
}  # fmt: skip
"""What only some settings or commands need, each some ten milliseconds and megabytes."""


def test_an_api_imports_only_what_every_api_needs() -> None:
    look = "import json, sys, entrypoints.cli, entrypoints.api; print(json.dumps([*sys.modules]))"

    found = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, check=True, text=True, timeout=60
    )

    assert {name.partition(".")[0] for name in json.loads(found.stdout)} & LEFT_OUT == set()


def test_what_a_start_leaves_behind_is_never_searched_again() -> None:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    left: list[object] = []
    left.append(left)
    try:
        settle()

        assert not any(found is left for found in gc.get_objects())
        assert gc.get_threshold() == (YOUNG, OLDER, OLDER)
    finally:
        gc.set_threshold(*before)
