"""Those who wait for a run at a real server: told, let go at a stop, and gone at any time."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.bad_requests import TELLING
from tests.fakes.gemini import KEY as GEMINI_KEY
from tests.fakes.gemini import FakeGemini
from tests.fakes.language_model import Mood
from tests.processes import KEY, Process, api_of, eventually, free_port, run_program, running

STOP_SECONDS = 5.0
"""Less than anybody here would wait, and than a server waits for what does not end."""


@pytest.fixture
def gemini() -> Iterator[FakeGemini]:
    """It takes its time, so that a run is seen while it is running."""
    with FakeGemini(mood=Mood(delay=2.0)) as gemini:
        yield gemini


@pytest.fixture
def environ(
    new_database: Callable[[], str], fresh_redis_url: str, tmp_path: Path
) -> dict[str, str]:
    environ = {
        "API_SECRET_KEY": KEY,
        "CRM_PORT": str(free_port()),
        "CRM_DRAIN": "0 s",
        "DATABASE_URL": new_database(),
        "REDIS_URL": fresh_redis_url,
    }
    assert run_program("migrate", environ=environ, folder=tmp_path).returncode == 0
    return environ


@pytest.fixture
def served(environ: dict[str, str], tmp_path: Path) -> Iterator[Process]:
    """An API with no worker: no run ends unless a test starts one."""
    with running("api", environ, tmp_path) as process:
        yield process


@pytest.fixture
def client(served: Process) -> Iterator[httpx.Client]:
    with api_of(served) as client:
        client.timeout = httpx.Timeout(40)
        yield client


@pytest.fixture
def run(client: httpx.Client) -> str:
    """The path of a pending run."""
    lead = client.post("/leads", json=TELLING).json()
    location: str = client.post(f"/leads/{lead['id']}/summarize").headers["location"]
    return location


def waiting(client: httpx.Client) -> int:
    metrics = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines())
    return int(float(metrics["smart_crm_waiting"]))


def test_a_stream_and_a_waiter_end_cleanly_at_a_stop(
    served: Process, client: httpx.Client, run: str
) -> None:
    with ThreadPoolExecutor() as threads:
        followed: Future[httpx.Response] = threads.submit(client.get, f"{run}/events")
        waited = threads.submit(client.get, run, headers={"prefer": "wait=30"})
        eventually(lambda: waiting(client) == 2)
        started = time.monotonic()

        served.popen.terminate()
        stream, answer = followed.result(20), waited.result(20)
        code = served.popen.wait(20)

    assert time.monotonic() - started < STOP_SECONDS
    assert (stream.status_code, answer.status_code, code) == (200, 200, 0)
    assert stream.text.startswith("retry: 1000\n\nevent: run\n")
    assert stream.text.endswith("\n\n")
    assert answer.json()["state"] == "pending"


@pytest.mark.parametrize("more", ["", "/events"])
def test_who_hangs_up_makes_room_at_once(
    served: Process, client: httpx.Client, run: str, more: str
) -> None:
    head = f"GET {run}{more} HTTP/1.1\r\nhost: crm\r\nx-api-key: {KEY}\r\nprefer: wait=30\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(head.encode())
        eventually(lambda: waiting(client) == 1)

    eventually(lambda: waiting(client) == 0, seconds=5)


def test_a_run_is_followed_and_waited_for_across_processes(
    client: httpx.Client, run: str, environ: dict[str, str], gemini: FakeGemini, tmp_path: Path
) -> None:
    with ThreadPoolExecutor() as threads:
        followed = threads.submit(client.get, f"{run}/events")
        waited = threads.submit(client.get, run, headers={"prefer": "wait=30"})
        eventually(lambda: waiting(client) == 2)
        worker = {**environ, "CRM_PORT": "", "GEMINI_API_KEY": GEMINI_KEY}
        with running("worker", {**worker, "GEMINI_BASE_URL": gemini.url}, tmp_path):
            stream, answer = followed.result(35), waited.result(35)

    told = [json.loads(line[6:]) for line in stream.text.splitlines() if line.startswith("data: ")]
    assert [each["state"] for each in told] == ["pending", "running", "succeeded"]
    assert answer.json() == told[-1] == client.get(run).json()
