"""Abuse on raw sockets: no 5xx, no traceback, nothing held, and the next request is answered."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.processes import KEY, Process, api_of, eventually, free_port, run_program, running
from tests.raw_http import Heard, connected, hear, post, request, talk
from tests.raw_requests import ABUSES, CHUNKED, LEAD, LENGTH, TAKEN, Abuse

AT_ONCE = 2.0
"""Seconds for a good request, on a machine that is busy with other tests."""
POOL = 15
"""File descriptors of the database's pool, which may still grow: five connections of three."""


@pytest.fixture(scope="module", params=["serve", "api"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp(request.param)
    environ = {
        "DATABASE_URL": f"sqlite:///{folder}/crm.db",
        "API_SECRET_KEY": KEY,
        "CRM_PORT": str(free_port()),
        "CRM_LOG_FORMAT": "json",
    }
    assert run_program("migrate", environ=environ, folder=folder).returncode == 0
    with running(request.param, environ, folder) as process:
        # whatever a first request opens for good is open
        assert talk(process.port, request_of_leads()).statuses == [200]
        assert talk(process.port, post(LENGTH, body=LEAD)).statuses == [201]
        yield process


@pytest.fixture(scope="module")
def descriptors(server: Process) -> int:
    """How many the server holds that has answered and is at rest."""
    return _descriptors(server)


@pytest.fixture(autouse=True)
def unharmed(server: Process, descriptors: int) -> Iterator[None]:
    """After each test: a good answer at once, no error in the log, no connection left."""
    logged = server.log.stat().st_size
    yield
    started = time.monotonic()
    assert talk(server.port, request_of_leads()).statuses == [200]
    assert time.monotonic() - started < AT_ONCE
    # the last line may not be whole yet
    lines = server.log.read_bytes()[logged:].decode().split("\n")[:-1]
    events = [json.loads(line) for line in lines if line.startswith("{")]
    assert [event for event in events if event["level"] in {"error", "critical"}] == []
    assert [line for line in lines if "Traceback" in line or "panicked" in line] == []
    assert [event for event in events if event.get("status", 0) >= 500] == []
    eventually(lambda: _descriptors(server) <= descriptors + POOL)


def request_of_leads() -> bytes:
    return request(b"GET /leads HTTP/1.1", b"connection: close")


def _descriptors(process: Process) -> int:
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))


def _megabytes(process: Process) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@pytest.mark.parametrize("abuse", ABUSES, ids=lambda abuse: abuse.name)
def test_abuse_is_refused_in_so_many_words_or_not_answered(server: Process, abuse: Abuse) -> None:
    heard = talk(server.port, abuse.sent, end=abuse.end)

    assert [status for status in heard.statuses if status >= 500] == []
    assert heard.closed
    if abuse.statuses:
        assert heard.statuses[0] in abuse.statuses
    else:
        assert heard.statuses in ([], [400])


def test_requests_in_one_go_are_answered_in_turn(server: Process) -> None:
    sent = [request(), post(LENGTH, body=LEAD), request(b"GET /leads/17 HTTP/1.1")] * 5

    heard = talk(server.port, b"".join(sent), answers=15)

    assert heard.statuses == [200, 409, 404] * 5


def test_who_asks_before_it_sends_is_told_to_go_on(server: Process) -> None:
    with connected(server.port) as peer:
        peer.sendall(post(LENGTH, b"expect: 100-continue"))
        assert peer.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        peer.sendall(LEAD)

        assert hear(peer).statuses[-1] in TAKEN


def test_who_asks_for_too_much_is_refused_before_it_sends(server: Process) -> None:
    heard = talk(server.port, post(b"content-length: 70000", b"expect: 100-continue"))

    assert heard.statuses == [413]


def test_who_has_no_key_need_not_send_its_body(server: Process) -> None:
    stranger = b"POST /leads HTTP/1.1\r\nhost: x\r\ncontent-length: 70000\r\n\r\n"

    assert talk(server.port, stranger).statuses == [401]


def test_slow_senders_are_cut_off_and_hold_up_nobody(server: Process) -> None:
    slow = {
        "no request": b"",
        "half the headers": request()[:-4],
        "no body": post(LENGTH),
        "half a body": post(LENGTH, body=LEAD[:9]),
        "half a chunk": post(CHUNKED, body=b"10\r\nabc"),
    }
    drops = {
        "a header a drop at a time": (request()[:-4], b"a"),
        "a body a drop at a time": (post(b"content-length: 5000"), b" "),
        "chunks a drop at a time": (post(CHUNKED), b"1\r\n \r\n"),
    }
    with ThreadPoolExecutor(len(slow) + len(drops)) as pool:
        heard = {name: pool.submit(_slowly, server, sent, b"") for name, sent in slow.items()}
        heard |= {name: pool.submit(_slowly, server, *pair) for name, pair in drops.items()}
        assert talk(server.port, request_of_leads()).statuses == [200]
        told = {name: one.result() for name, one in heard.items()}

    assert all(one.closed for one in told.values())
    assert {name: one.statuses for name, one in told.items()} == {
        name: [] if name.startswith(("no request", "half the", "a header")) else [408]
        for name in told
    }
    print("cut off after " + ", ".join(f"{one.seconds:.1f} s ({n})" for n, one in told.items()))


def _slowly(server: Process, sent: bytes, drop: bytes) -> Heard:
    """Send this, then a drop every second; at most for twice the time that is allowed."""
    with connected(server.port) as peer:
        peer.sendall(sent)
        started = time.monotonic()
        while True:
            heard = hear(peer, answers=2, seconds=1 if drop else 30)
            spent = time.monotonic() - started
            if heard.closed or heard.statuses or spent > 30:
                heard.closed = heard.closed or hear(peer).closed
                heard.seconds = spent
                return heard
            peer.sendall(drop)


def test_clients_that_leave_in_the_middle_leave_nothing_behind(server: Process) -> None:
    for _ in range(50):
        for sent in (request()[:20], post(LENGTH, body=LEAD[:9]), post(CHUNKED, body=b"a\r\nb")):
            with connected(server.port) as peer:
                peer.sendall(sent)


def test_clients_that_never_read_hold_up_nobody(server: Process) -> None:
    asset = request(b"GET /docs/assets/swagger-ui-bundle.js HTTP/1.1")
    with ExitStack() as stack:
        for _ in range(50):
            peer = stack.enter_context(connected(server.port))
            peer.sendall(asset * 20)

        assert talk(server.port, request_of_leads()).statuses == [200]


def test_500_idle_connections_hold_up_nobody(server: Process) -> None:
    with ExitStack() as stack:
        for n in range(500):
            peer = stack.enter_context(connected(server.port))
            if n % 2:
                peer.sendall(request())
                assert peer.recv(1024)

        started = time.monotonic()
        assert talk(server.port, request_of_leads()).statuses == [200]
        assert time.monotonic() - started < AT_ONCE


def test_memory_comes_back(server: Process) -> None:
    def flood() -> None:
        with ExitStack() as stack:
            for _ in range(200):
                peer = stack.enter_context(connected(server.port))
                peer.sendall(post(b"content-length: 60000", body=b'"' + b"x" * 50_000))
            assert talk(server.port, request_of_leads()).statuses == [200]

    for _ in range(5):
        flood()
    before = _megabytes(server)
    for _ in range(20):
        flood()

    # 200 MB went through; what the last flood held may still be on its way back
    eventually(lambda: _megabytes(server) < before + 50)
    print(f"{before:.0f} MB before 4,000 half bodies of 50 kB, {_megabytes(server):.0f} MB after")


def test_nothing_of_all_this_was_a_defect(server: Process) -> None:
    with api_of(server) as client:
        counted = client.get("/metrics").text

    assert 'status="4' in counted
    assert 'status="5' not in counted
