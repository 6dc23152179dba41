"""What becomes of requests and of runs when their process is told to stop."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from application.worker import Pace, Worker
from tests.bad_requests import GOOD, TELLING
from tests.fakes.gemini import KEY as GEMINI_KEY
from tests.fakes.gemini import FakeGemini
from tests.fakes.language_model import Mood
from tests.processes import KEY, Process, api_of, eventually, free_port, run_program, running
from tests.systems import a_client, a_system

HOUR = timedelta(hours=1)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    environ = {"API_SECRET_KEY": KEY, "CRM_PORT": str(free_port())}
    assert run_program("migrate", environ=environ, folder=tmp_path).returncode == 0
    return environ


@pytest.fixture
def served(environ: dict[str, str], tmp_path: Path) -> Iterator[Process]:
    with running("serve", environ, tmp_path) as process:
        yield process


def test_a_draining_api_says_so_and_still_answers(environ: dict[str, str], tmp_path: Path) -> None:
    with (
        running("serve", {**environ, "CRM_DRAIN": "20 s"}, tmp_path) as process,
        api_of(process) as client,
    ):
        process.popen.send_signal(signal.SIGTERM)
        eventually(lambda: client.get("/health/ready").status_code == 503)

        on_a_new_connection = client.post("/leads", json=GOOD)
        process.popen.send_signal(signal.SIGINT)

        assert on_a_new_connection.status_code == 201
        assert process.popen.wait(20) == 0


def test_a_request_that_is_half_sent_at_the_stop_is_answered(served: Process) -> None:
    with a_half_request(served) as connection:
        served.popen.send_signal(signal.SIGTERM)
        eventually(lambda: not listens(served))

        connection.sendall(b'"email": "grace@example.com"}')
        answer = connection.recv(65536)

        assert answer.startswith(b"HTTP/1.1 201 ")
        assert served.popen.wait(20) == 0


def test_a_client_that_never_ends_its_request_does_not_hold_the_stop(served: Process) -> None:
    with a_half_request(served) as connection:
        assert served.stop() == 0

        # nobody waited until the guard of bodies would have given it up
        with suppress(ConnectionResetError):
            assert b" 408 " not in connection.recv(65536)


def a_half_request(process: Process) -> socket.socket:
    """A connection on which a lead is being sent, but for its e-mail."""
    connection = socket.create_connection(("127.0.0.1", process.port), timeout=20)
    body = b'{"name": "Grace Hopper", '
    head = (
        "POST /leads HTTP/1.1\r\nhost: crm\r\ncontent-type: application/json\r\n"
        f"x-api-key: {KEY}\r\ncontent-length: {len(body) + 29}\r\nexpect: 100-continue\r\n\r\n"
    )
    connection.sendall(head.encode())
    # the server asks for the body once the request is its business
    assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
    connection.sendall(body)
    return connection


def listens(process: Process) -> bool:
    try:
        socket.create_connection(("127.0.0.1", process.port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


async def test_a_run_that_is_given_back_is_the_next_workers_at_no_cost(url: str) -> None:
    with FakeGemini(mood=Mood(delay=60)) as gemini:
        environ = {
            "DATABASE_URL": url,
            "GEMINI_API_KEY": GEMINI_KEY,
            "GEMINI_BASE_URL": gemini.url,
        }
        async with a_system(environ) as stopping, a_system(environ) as staying:
            async with a_client(stopping) as client:
                await ask(client)
            pace = Pace(1, lease=HOUR, grace=timedelta(milliseconds=50))
            worker, stop = Worker(stopping.crm.run_summaries, pace), asyncio.Event()
            working = asyncio.create_task(worker.run(stop))
            assert await asyncio.to_thread(gemini.mood.asked.wait, 20)
            stop.set()
            await working

            (run,) = await staying.crm.run_summaries.claim(1, HOUR)

    assert (run.attempts, run.crashes) == (0, 0)


async def ask(client: httpx.AsyncClient) -> None:
    lead = (await client.post("/leads", json=TELLING)).json()
    assert (await client.post(f"/leads/{lead['id']}/summarize")).status_code == 202
