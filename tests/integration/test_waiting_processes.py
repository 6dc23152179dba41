"""Whoever waits for a run is let go when the process is told to stop."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bad_requests import GOOD
from tests.fakes.gemini import KEY as GEMINI_KEY
from tests.fakes.gemini import FakeGemini
from tests.fakes.language_model import Mood
from tests.processes import KEY, Process, api_of, eventually, free_port, run_program, running


@pytest.fixture
def gemini() -> Iterator[FakeGemini]:
    """Longer than anybody here waits."""
    with FakeGemini(mood=Mood(delay=15.0)) as gemini:
        yield gemini


@pytest.fixture
def served(tmp_path: Path, gemini: FakeGemini) -> Iterator[Process]:
    environ = {
        "API_SECRET_KEY": KEY,
        "CRM_PORT": str(free_port()),
        "GEMINI_API_KEY": GEMINI_KEY,
        "GEMINI_BASE_URL": gemini.url,
    }
    assert run_program("migrate", environ=environ, folder=tmp_path).returncode == 0
    with running("serve", environ, tmp_path) as process:
        yield process


def test_a_stream_and_a_waiter_end_cleanly_at_a_stop(served: Process, gemini: FakeGemini) -> None:
    told: list[object] = []
    with api_of(served) as client:
        lead = client.post("/leads", json=GOOD).json()
        run = client.post(f"/leads/{lead['id']}/summarize").headers["location"]

        def follow() -> None:
            with client.stream("GET", f"{run}/events", timeout=30) as stream:
                told.append("streaming")
                told.append("".join(stream.iter_text()))

        def wait() -> None:
            told.append(client.get(run, headers={"prefer": "wait=30"}, timeout=40).json())

        threads = [threading.Thread(target=each) for each in (follow, wait)]
        for thread in threads:
            thread.start()
        eventually(lambda: "streaming" in told)
        served.popen.terminate()
        for thread in threads:
            thread.join(10)

    texts = [each for each in told if isinstance(each, str) and each != "streaming"]
    runs = [each for each in told if isinstance(each, dict)]
    assert [text.endswith("\n\n") for text in texts] == [True]
    assert [each["state"] in {"pending", "running"} for each in runs] == [True]
