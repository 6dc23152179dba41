"""What every test shares."""

import gc
from typing import Any

import pytest
from hypothesis import settings

from tests.engines.found import found, tell

pytest.register_assert_rewrite("tests.contracts")

# the same examples in every run: a failure is then that of a change, and of whoever made it
settings.register_profile("repeatable", derandomize=True, database=None)
settings.load_profile("repeatable")


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at it after every few tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that tests beside others hands on which engines it was on."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["engines"] = list(found(session.config))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    tell(node.config, *getattr(node, "workeroutput", {}).get("engines", []))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say at the end which engines the run was on."""
    if engines := found(config):
        terminalreporter.write_line(f"engines: {', '.join(engines)}")
