"""A worker that has to go while an AI takes its time."""

import time
from pathlib import Path

import httpx
import pytest

from tests.bad_requests import TELLING
from tests.chaos.fleet import a_fleet
from tests.processes import api_of, eventually


@pytest.mark.chaos
@pytest.mark.timeout(180)
def test_it_is_gone_within_thirty_seconds_and_the_next_one_takes_its_run_up(tmp_path: Path) -> None:
    """Whatever is not given back would be held for two minutes more."""
    environ = {"CRM_SUMMARY_TIMEOUT": "2 m", "CRM_LEASE": "2 m"}
    with (
        a_fleet(tmp_path, environ, apis=1, workers=1, ai_seconds=60) as fleet,
        api_of(fleet.apis[0].process) as client,
    ):
        _ask(client)
        calls = fleet.gemini.mood.calls
        eventually(lambda: len(calls) == 1)

        told = time.monotonic()
        assert fleet.workers[0].process.stop() == 0
        gone = time.monotonic() - told
        fleet.workers[0].start()
        eventually(lambda: len(calls) == 2)
        (run,) = fleet.rows("SELECT state, attempts, crashes FROM summary_runs")

    print(f"a worker that held a run was gone after {gone:.1f} s")
    assert gone < 30
    assert tuple(run) == ("running", 0, 0)


def _ask(client: httpx.Client) -> None:
    lead = client.post("/leads", json=TELLING).json()
    assert client.post(f"/leads/{lead['id']}/summarize").status_code == 202
