"""What a start takes along: no more than the process needs, and nothing for the collector."""

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from entrypoints.cli import commands
from entrypoints.garbage import OLDER, YOUNG, hold, keep, settle
from entrypoints.settings import Settings

LEFT_OUT = {
    "alembic", "croniter", "email_validator", "google", "httpx", "jsonpath", "prometheus_client",
    "redis", "rich", "saq", "structlog", "tenacity",
}  # fmt: skip
"""What only some settings, commands or requests need, of a few milliseconds and megabytes each."""
OURS_LEFT_OUT = {"adapters.databases.memory", "application.ask_summarizer", "domain.grounding"}
"""What an API never does, or not by default."""


def test_an_api_imports_only_what_every_api_needs() -> None:
    look = "import json, sys, entrypoints.cli, entrypoints.api; print(json.dumps([*sys.modules]))"

    found = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, check=True, text=True, timeout=60
    )

    imported = set(json.loads(found.stdout))
    assert {name.partition(".")[0] for name in imported} & LEFT_OUT == set()
    assert imported & OURS_LEFT_OUT == set()


def test_what_only_others_use_is_left_out_and_there_again_afterwards() -> None:
    look = """
import asyncio, sys
from types import SimpleNamespace
from entrypoints.optional import unused_left_out
with unused_left_out():
    from entrypoints.api import create_app
create_app(SimpleNamespace(), "k" * 20, asyncio.Event())
assert not {"attr", "pydantic", "werkzeug"} & {*sys.modules}
import pydantic
with unused_left_out():
    assert "pydantic" not in sys.modules
assert sys.modules["pydantic"] is pydantic
"""

    subprocess.run([sys.executable, "-c", look], check=True, timeout=60)


def test_the_collector_waits_until_all_is_imported_and_leaves_that_out() -> None:
    hold()
    try:
        assert not gc.isenabled()
        imported: list[object] = []
        imported.append(imported)

        keep()

        assert gc.isenabled()
        assert not any(found is imported for found in gc.get_objects())
    finally:
        gc.enable()
        gc.unfreeze()


def test_a_command_runs_with_the_collector_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also one that writes a million leads and never settles."""
    seen: list[bool] = []

    async def run(_: Settings) -> None:
        seen.append(gc.isenabled())

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("entrypoints.serve.run_serve", run)
    monkeypatch.setattr("entrypoints.cli.configure_logging", lambda _: None)
    hold()
    try:
        CliRunner().invoke(commands, ["serve"], catch_exceptions=False)
    finally:
        gc.enable()
        gc.unfreeze()

    assert seen == [True]


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
