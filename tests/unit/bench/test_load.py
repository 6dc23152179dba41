"""What is asked of a server, and what a client says at its end."""

import pytest

from bench.client import Requests
from bench.load import Load, LoadFailed, read_told

WRK = """\
Running 2s test @ http://127.0.0.1:3000
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     3.42ms    1.02ms  31.00ms   91.10%
  37436 requests in 2.00s, 21.21MB read
Requests/sec:  18696.23

{"requests": 37436, "seconds": 2.002341, "failed": 2, "p50": 3.321000, "p99": 11.480000}
"""


def test_what_wrk_tells_is_its_last_line() -> None:
    told = read_told(WRK)
    assert (told.requests, told.failed, told.p50, told.p99) == (37_436, 2, 3.321, 11.48)
    assert told.seconds == pytest.approx(2.002341)


def test_a_client_that_tells_nothing_has_failed_and_its_last_words_are_told() -> None:
    with pytest.raises(LoadFailed, match="unable to connect"):
        read_told("unable to connect to 127.0.0.1:3000 Connection refused\n")


def test_requests_are_numbered_and_start_again_after_their_count() -> None:
    load = Load("POST", "/leads/{id}", '{"n": {n}}', first=254, count=2)
    requests = Requests(load, "crm.test", "key", until=0)
    sent = [requests.next().decode() for _ in range(3)]
    assert [text.split()[1] for text in sent] == [
        "/leads/0000000000fe",
        "/leads/0000000000ff",
        "/leads/0000000000fe",
    ]
    assert sent[0].endswith('content-length: 10\r\n\r\n{"n": 254}')
    assert "x-api-key: key\r\n" in sent[0]


def test_a_get_has_no_body() -> None:
    requests = Requests(Load("GET", "/leads"), "crm.test", "key", until=0)
    assert requests.next() == b"GET /leads HTTP/1.1\r\nhost: crm.test\r\nx-api-key: key\r\n\r\n"


def test_fresh_numbers_are_of_one_round_only() -> None:
    fresh = Load("POST", "/", first=10, count=5, fresh=True)
    assert [fresh.of_round(n).first for n in range(3)] == [10, 15, 20]
    assert Load("GET", "/", first=10, count=5).of_round(2).first == 10


def test_an_answer_that_is_an_error_is_counted() -> None:
    requests = Requests(Load("GET", "/"), "crm.test", "key", until=0)
    for status in ("200 OK", "304 Not Modified", "429 Too Many Requests", "503 Away"):
        requests.answered(f"HTTP/1.1 {status}".encode(), began=0)
    assert requests.failed == 2
