"""Adding a summarizer is one file and one line: a package that pip installs beside ours."""

import os
import subprocess
import sys
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.bad_requests import TELLING
from tests.contracts.summarizers import Closable, SummarizerContract
from tests.processes import api_of, free_port, lead_when, run_program, running

PACKAGE = Path(__file__).parents[1] / "plugin"
GREETING = "CRM_SUMMARIZER_ACME_GREETING"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that pip has put the package into; nothing is downloaded."""
    folder = tmp_path_factory.mktemp("installed")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", folder, PACKAGE],
        check=True,
        timeout=100,
    )
    return folder


def entry_points_of(folder: Path) -> ConfigParser:
    """What the installed package says that it offers."""
    (told,) = folder.glob("*.dist-info/entry_points.txt")
    offered = ConfigParser(delimiters="=")
    offered.read(told)
    return offered


@pytest.fixture
def environ(installed: Path) -> dict[str, str]:
    paths = [str(installed), os.environ.get("PYTHONPATH", "")]
    return {
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "CRM_PORT": str(free_port()),
        "CRM_SUMMARIZER": "acme",
        GREETING: "Meet",
    }


def test_it_is_one_file_and_one_line(installed: Path) -> None:
    files = [path.name for path in installed.iterdir() if path.is_file()]
    (line,) = entry_points_of(installed)["smart_crm.summarizers"].items()

    assert files == ["acme_crm.py"]
    assert line == ("acme", "acme_crm:Acme")


def test_it_is_served_as_soon_as_it_is_installed_and_named(
    environ: dict[str, str], tmp_path: Path
) -> None:
    assert run_program("migrate", environ=environ, folder=tmp_path).returncode == 0
    with running("serve", environ, tmp_path) as process:
        key = (tmp_path / "var" / "api-key").read_text().strip()
        with api_of(process, key) as client:
            lead = client.post("/leads", json=TELLING).json()
            asked = client.post(f"/leads/{lead['id']}/summarize")
            done = lead_when(client, lead["id"], summary_status="ready")
            run = client.get(asked.headers["location"]).json()

    assert done["summary"] == "Meet Grace Hopper."
    assert run["provider"] == "acme"


def test_it_has_settings_of_its_own(environ: dict[str, str], tmp_path: Path) -> None:
    shown = run_program("config", environ=environ, folder=tmp_path)

    assert shown.returncode == 0
    assert GREETING in shown.stdout
    assert "Meet" not in shown.stdout


def test_it_is_unknown_where_it_is_not_installed(environ: dict[str, str], tmp_path: Path) -> None:
    without = {**environ, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    assert run_program("migrate", environ=without, folder=tmp_path).returncode == 0

    refused = run_program("serve", environ=without, folder=tmp_path)

    assert refused.returncode != 0
    assert "'acme' is neither built in nor a plug-in" in refused.stdout + refused.stderr


class TestAcme(SummarizerContract):
    adapter = "acme"

    @pytest.fixture
    def summarizer(self, installed: Path, monkeypatch: pytest.MonkeyPatch) -> Closable:
        monkeypatch.syspath_prepend(str(installed))
        monkeypatch.delitem(sys.modules, "acme_crm", raising=False)
        summarizer: Closable = import_module("acme_crm").Acme(
            SimpleNamespace(plugin_values={GREETING: "Meet"})
        )
        return summarizer
