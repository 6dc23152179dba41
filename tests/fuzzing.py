"""Schemathesis against a running server: every check, and nothing left out."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.processes import KEY, Process, free_port, run_program, running

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("schemathesis")
LEADS = [{"name": "Grace Hopper", "email": "grace@example.com", "external_id": "1"}]


@contextmanager
def fuzzed(folder: Path, environ: Mapping[str, str]) -> Iterator[Process]:
    """A `serve` whose syncs read a file."""
    source = folder / "leads.json"
    source.write_text(json.dumps(LEADS))
    own = {
        "CRM_PORT": str(free_port()),
        "API_SECRET_KEY": KEY,
        "CRM_LEAD_SOURCE": "file",
        "CRM_LEAD_FILE": str(source),
        "CRM_LOG_LEVEL": "warning",
        **environ,
    }
    migrated = run_program("migrate", environ=own, folder=folder)
    assert migrated.returncode == 0, migrated.stderr
    with running("serve", own, folder) as process:
        yield process


def fuzz(process: Process, *, examples: int, seed: int) -> int:
    """The number of cases; AssertionError with the whole report if one of them fails.

    `examples` is how many cases each operation gets by chance, beside those of its boundaries.
    """
    ran = subprocess.run(
        [
            PROGRAM,
            *("--config-file", ROOT / "tests" / "schemathesis.toml"),
            *("run", f"{process.url}/openapi.json", "--header", f"x-api-key: {KEY}"),
            *("--checks", "all", "--continue-on-failure", "--suppress-health-check", "all"),
            *("--max-examples", str(examples), "--seed", str(seed)),
        ],
        cwd=process.log.parent,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    cases = re.search(r"(\d+) generated", ran.stdout)
    assert cases is not None, ran.stdout
    return int(cases[1])
