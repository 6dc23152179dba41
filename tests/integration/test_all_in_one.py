"""The all-in-one process on SQLite, started as a newcomer starts it."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.bad_requests import GOOD
from tests.fakes.randomuser import FakeRandomUser
from tests.processes import (
    Process,
    api_of,
    eventually,
    free_port,
    lead_when,
    run_program,
    running,
)

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def environ() -> dict[str, str]:
    return {"CRM_PORT": str(free_port()), "CRM_SWEEP": "1 s"}


@pytest.fixture
def served(environ: dict[str, str], tmp_path: Path) -> Iterator[Process]:
    assert run_program("migrate", environ=environ, folder=tmp_path).returncode == 0
    with running("serve", environ, tmp_path) as process:
        yield process


@pytest.fixture
def client(served: Process, tmp_path: Path) -> Iterator[httpx.Client]:
    with api_of(served, (tmp_path / "var" / "api-key").read_text().strip()) as client:
        yield client


def test_a_summary_is_asked_for_and_filled_in(client: httpx.Client) -> None:
    lead = client.post("/leads", json={**GOOD, "notes": "Asked for a demo."}).json()

    asked = client.post(f"/leads/{lead['id']}/summarize")

    done = lead_when(client, lead["id"], summary_status="ready")
    assert asked.status_code == 202
    assert "Grace Hopper" in done["summary"]


def test_a_summary_is_waited_for_and_followed(client: httpx.Client) -> None:
    lead = client.post("/leads", json=GOOD).json()
    run = client.post(f"/leads/{lead['id']}/summarize").headers["location"]

    followed = client.get(f"{run}/events")
    waited = client.get(run, headers={"prefer": "wait=30"})

    assert waited.json()["state"] == "succeeded"
    assert followed.text.rstrip().endswith(waited.text)


def test_the_curl_lines_of_the_readme_work_as_they_are_pasted(
    served: Process, tmp_path: Path
) -> None:
    assert shutil.which("curl"), "this test pastes the README's curl lines: install curl"
    block = re.search(r"<!-- journey -->\n```sh\n(.*?)```", README.read_text(), re.DOTALL)
    assert block is not None
    lines = block[1].replace("127.0.0.1:3000", f"127.0.0.1:{served.port}")

    pasted = subprocess.run(
        ["bash", "-ec", lines], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True
    )

    assert '"status":"processing"' in pasted.stdout
    assert '"summary_status":"ready"' in pasted.stdout


def test_it_greets_with_its_key(served: Process, tmp_path: Path) -> None:
    key = (tmp_path / "var" / "api-key").read_text().strip()

    eventually(lambda: key in served.log.read_text())


def test_what_was_acknowledged_survives_a_kill_and_open_runs_resume(
    served: Process, client: httpx.Client, environ: dict[str, str], tmp_path: Path
) -> None:
    lead = client.post("/leads", json=GOOD).json()
    client.post(f"/leads/{lead['id']}/summarize")
    served.kill()

    with (
        running("serve", environ, tmp_path) as again,
        api_of(again, client.headers["x-api-key"]) as anew,
    ):
        assert lead_when(anew, lead["id"], summary_status="ready")["summary"]


def test_it_stops_cleanly_when_told_to(served: Process) -> None:
    assert served.stop() == 0


def test_a_second_one_on_the_same_file_is_refused(
    served: Process, environ: dict[str, str], tmp_path: Path
) -> None:
    other = {**environ, "CRM_PORT": str(free_port())}

    refused = run_program("serve", environ=other, folder=tmp_path)

    assert refused.returncode == 2
    assert served.url in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_taken_port_is_refused_in_one_line(
    served: Process, environ: dict[str, str], tmp_path: Path
) -> None:
    other = {**environ, "DATABASE_URL": "sqlite:///other/crm.db"}
    run_program("migrate", environ=other, folder=tmp_path)

    refused = run_program("serve", environ=other, folder=tmp_path)

    assert refused.returncode == 2
    assert f"cannot listen on 127.0.0.1:{served.port}" in refused.stderr


def test_a_start_on_an_unmigrated_database_is_refused_in_one_line(
    environ: dict[str, str], tmp_path: Path
) -> None:
    refused = run_program("serve", environ=environ, folder=tmp_path)

    assert refused.returncode == 2
    assert "smart-crm migrate" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_a_sync_beside_a_running_server_goes_through_its_api(
    served: Process, environ: dict[str, str], tmp_path: Path
) -> None:
    """The server's own source is asked: it cannot be reached, while the command's could."""
    with FakeRandomUser() as source:
        told = run_program(
            "sync",
            environ={
                **environ,
                "RANDOMUSER_URL": f"{source.url}/api/",
                "CRM_SOURCE_ALLOW_PRIVATE": "true",
            },
            folder=tmp_path,
        )

    assert told.returncode == 1
    assert "randomuser: failed" in told.stdout
    assert source.requests == []


def test_a_sync_without_a_server_stores_what_the_source_offers_once(
    environ: dict[str, str], tmp_path: Path
) -> None:
    run_program("migrate", environ=environ, folder=tmp_path)
    with FakeRandomUser() as source:
        environ |= {"RANDOMUSER_URL": f"{source.url}/api/", "CRM_SOURCE_ALLOW_PRIVATE": "true"}
        first = run_program("sync", environ=environ, folder=tmp_path)
        second = run_program("sync", environ=environ, folder=tmp_path)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "randomuser: succeeded, 10 fetched: 10 created" in first.stdout
    assert "randomuser: succeeded, 10 fetched: 0 created, 0 updated, 10 unchanged" in second.stdout


def test_a_bad_setting_is_told_in_one_line(tmp_path: Path) -> None:
    refused = run_program("serve", environ={"CRM_PROT": "1"}, folder=tmp_path)

    assert refused.returncode == 2
    assert refused.stderr == (
        "smart-crm: CRM_PROT is not a setting of Smart CRM API; did you mean CRM_PORT?\n"
    )


def test_config_prints_the_settings_in_effect_without_secrets(tmp_path: Path) -> None:
    environ = {"API_SECRET_KEY": "hunter2", "DATABASE_URL": "postgres://crm:hunter2@db/crm"}

    told = run_program("config", environ=environ, folder=tmp_path)

    assert "CRM_SYNC_CRON=0 * * * *" in told.stdout
    assert "hunter2" not in told.stdout
