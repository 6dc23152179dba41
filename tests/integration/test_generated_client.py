"""A client that openapi-python-client makes of the document goes the README's journey."""

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fuzzing import fuzzed
from tests.processes import KEY, Process, eventually

PROGRAMS = Path(sys.executable).parent
Module = Callable[[str], Any]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Process]:
    with fuzzed(tmp_path, {}) as process:
        yield process


@pytest.fixture
def made(served: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Module]:
    """The generated package's modules by their names."""
    document = tmp_path / "openapi.json"
    document.write_bytes(httpx.get(f"{served.url}/openapi.json").content)
    generated = subprocess.run(
        [
            PROGRAMS / "openapi-python-client",
            *("generate", "--path", document, "--meta", "none", "--fail-on-warning"),
            *("--output-path", tmp_path / "crm_client"),
            *("--config", Path(__file__).parents[1] / "openapi_client.yaml"),
        ],
        env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert generated.returncode == 0, generated.stdout + generated.stderr
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda name: importlib.import_module(f"crm_client.{name}")
    for name in [name for name in sys.modules if name.split(".")[0] == "crm_client"]:
        del sys.modules[name]


def test_a_generated_client_goes_the_journey(served: Process, made: Module) -> None:
    client = made("client").AuthenticatedClient(
        base_url=served.url, token=KEY, prefix="", auth_header_name="x-api-key"
    )
    ada = made("models").NewLead(
        name="Ada Lovelace",
        email="ada@example.com",
        company="Analytical Engines",
        notes="Asked for a demo.",
    )

    lead = made("api.leads.create_lead").sync(client=client, body=ada)
    asked = made("api.summaries.summarize_lead").sync(lead.id, client=client)
    read_run = made("api.summaries.get_summary_run").sync
    eventually(lambda: read_run(lead.id, asked.run_id, client=client).finished_at)
    run = read_run(lead.id, asked.run_id, client=client)
    found = made("api.leads.get_lead").sync(lead.id, client=client)

    assert run.state == "succeeded"
    assert found.summary_status == "ready"
    assert "Ada Lovelace" in found.summary
