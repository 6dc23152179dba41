"""The house itself: packages resolve here, and every adapter is held to its contract."""

import importlib
import pkgutil
import tomllib
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"
PORTS = ("caches", "databases", "job_queues", "lead_sources", "rate_limits", "summarizers")


@pytest.mark.parametrize("name", ["domain", "application", "adapters", "entrypoints"])
def test_our_packages_are_not_shadowed_by_installed_ones(name: str) -> None:
    package = importlib.import_module(name)

    assert Path(package.__file__ or "").parent == SRC / name


def adapters() -> list[str]:
    return sorted(
        f"{port}.{module.name}"
        for port in PORTS
        for module in pkgutil.iter_modules([str(SRC / "adapters" / port)])
        if not module.name.startswith("_")
    )


def test_every_adapter_is_kept_apart_from_the_others() -> None:
    config = tomllib.loads((SRC.parent / "pyproject.toml").read_text())
    contracts = config["tool"]["importlinter"]["contracts"]
    apart = next(c for c in contracts if c["name"] == "Adapters do not know each other")

    assert apart["modules"] == [f"adapters.{name}" for name in adapters()]


def held_to_a_contract() -> set[str]:
    """The adapters that test classes anywhere under `tests` name as theirs."""
    held = set()
    tests = Path(__file__).parents[1]
    for path in tests.glob("*/adapters/test_*.py"):
        module = importlib.import_module(
            ".".join(("tests", *path.relative_to(tests).with_suffix("").parts))
        )
        held |= {
            value.adapter
            for value in vars(module).values()
            if isinstance(value, type) and hasattr(value, "adapter")
        }
    return held


def test_every_adapter_is_held_to_its_ports_contract() -> None:
    assert adapters()
    assert set(adapters()) <= held_to_a_contract()
