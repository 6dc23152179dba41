"""Four workers, one rate: as many calls as it allows, never more, and no run lost by waiting."""

import bisect
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fakes.gemini import KEY as GEMINI_KEY
from tests.fakes.gemini import FakeGemini
from tests.processes import KEY, api_of, eventually, free_port, run_program, running

RATE = 10
LEADS = 60


@pytest.mark.timeout(180)
def test_four_workers_keep_one_rate_and_lose_nothing(
    new_database: Callable[[], str], fresh_redis_url: str, tmp_path: Path
) -> None:
    with FakeGemini() as gemini, ExitStack() as stack:
        environ = {
            "DATABASE_URL": new_database(),
            "REDIS_URL": fresh_redis_url,
            "API_SECRET_KEY": KEY,
            "GEMINI_API_KEY": GEMINI_KEY,
            "GEMINI_BASE_URL": gemini.url,
            "CRM_AI_RATE": f"{RATE}/second",
            "CRM_PORT": str(free_port()),
        }
        assert run_program("migrate", environ=environ, folder=tmp_path).returncode == 0
        api = stack.enter_context(running("api", environ, tmp_path))
        for _ in range(4):
            stack.enter_context(running("worker", {**environ, "CRM_PORT": ""}, tmp_path))
        client = stack.enter_context(api_of(api))
        rows = [
            {"name": "Ada", "email": f"ada{n}@example.com", "company": "Engines"}
            for n in range(LEADS)
        ]
        made = client.post("/leads/batch", json={"leads": rows, "mode": "create"}).json()
        locations = [
            client.post(f"/leads/{row['id']}/summarize").headers["location"]
            for row in made["results"]
        ]
        ready = "/leads?summary_status=ready&limit=200"
        eventually(lambda: len(client.get(ready).json()["items"]) == LEADS, 90)
        runs = [client.get(location).json() for location in locations]

    times = sorted(call.at for call in gemini.mood.calls)
    most = max(bisect.bisect_left(times, at + 1.0) - n for n, at in enumerate(times))
    print(f"{len(times)} calls in {times[-1] - times[0]:.1f} s, {most} at most in any second")
    assert len(times) == LEADS
    assert most <= RATE
    assert {(run["state"], run["attempts"]) for run in runs} == {("succeeded", 1)}
