"""APIs and workers are restarted in turn under load: no request fails, no run is lost."""

import random
import statistics
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.balancers import Watch, nginx_over
from tests.chaos.fleet import Fleet, a_fleet
from tests.chaos.load import Load, under_load
from tests.chaos.seed import SEED
from tests.processes import eventually


def nothing_failed_and_nothing_is_lost(load: Load, fleet: Fleet) -> None:
    assert load.failures == []
    stored = {str(row["id"]) for row in fleet.rows("SELECT id FROM leads")}
    assert set(load.leads) - stored == set()

    runs = "SELECT id, state, attempts, crashes FROM summary_runs"
    open_runs = f"{runs} WHERE state IN ('pending', 'running')"
    eventually(lambda: not fleet.rows(open_runs), 60)
    ends = {str(row["id"]): tuple(row)[1:] for row in fleet.rows(runs)}
    assert {ends.get(run) for run in load.runs} == {("succeeded", 1, 0)}
    calls = Counter(call.facts["email"] for call in fleet.gemini.mood.calls)
    assert set(calls.values()) == {1}
    assert len(calls) == len(ends)


def told(load: Load, took: list[float]) -> None:
    rate = load.sent / load.seconds
    print(f"CHAOS_SEED={SEED}: {load.sent} requests at {rate:.0f}/s: {dict(load.answers)}")
    print(f"{len(load.leads)} leads and {len(load.runs)} runs; {len(load.failures)} failures")
    slowest = f"median {statistics.median(took):.1f} s, longest {max(took):.1f} s"
    print(f"{len(took)} restarts: {slowest}")


@pytest.mark.timeout(180)
def test_one_restart_of_each_is_seen_by_nobody(
    tmp_path: Path,
) -> None:
    """The clients themselves follow readiness here."""
    with (
        a_fleet(tmp_path, {"CRM_DRAIN": "3 s"}, workers=1) as fleet,
        Watch(fleet.urls, tell=lambda _: None) as watch,
    ):
        with under_load(watch.next, 20, SEED) as load:
            took = fleet.roll(1, watch, random.Random(SEED))
        told(load, took)

        nothing_failed_and_nothing_is_lost(load, fleet)


@pytest.mark.chaos
@pytest.mark.timeout(900)
def test_twenty_rolling_restarts_behind_nginx_are_seen_by_nobody(
    tmp_path: Path,
) -> None:
    """nginx tries nothing twice, so that every request cut by a stop shows as a failure.

    The drain is the one that an API has if nothing is set.
    """
    with (
        a_fleet(tmp_path, {"CRM_DRAIN": ""}) as fleet,
        nginx_over(fleet.urls, tmp_path / "nginx") as (nginx, watch),
    ):
        with under_load(lambda: nginx.url, 210, SEED) as load:
            took = fleet.roll(20, watch, random.Random(SEED))
        told(load, took)

        nothing_failed_and_nothing_is_lost(load, fleet)
        assert load.sent / load.seconds >= 200
