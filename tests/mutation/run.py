"""`make mutants`: every fault of the list must make its tests fail, on a copy of the tree."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.mutation.fault import Fault
from tests.mutation.faults import FAULTS

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Run all faults, or those whose name holds the argument; exit 1 if one was not caught."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    survived = [fault.name for fault in FAULTS if wanted in fault.name and not _caught(fault)]
    print(f"{len(survived)} survived: {', '.join(survived) or '-'}")
    sys.exit(bool(survived))


def _caught(fault: Fault) -> bool:
    broken = _fail_without_a_fault(fault.tests)
    with _copy() as copy:
        fault.put_into(copy)
        caught = _fail(fault.tests, copy)
    verdict = "BROKEN" if broken else "CAUGHT" if caught else "SURVIVED"
    print(f"{verdict:9} {fault.name}", flush=True)
    return verdict == "CAUGHT"


@cache
def _fail_without_a_fault(tests: tuple[str, ...]) -> bool:
    with _copy() as copy:
        return _fail(tests, copy)


@contextmanager
def _copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("src", "tests"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, copy)
        yield copy


def _fail(tests: tuple[str, ...], copy: Path) -> bool:
    """Whether a test fails; a fault that only keeps the tests from being found does not count."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{' '.join(tests)}: pytest itself failed\n{done.stdout}{done.stderr}")
    return done.returncode == 1


if __name__ == "__main__":
    main()
