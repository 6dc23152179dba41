"""The breaker in front of a cache: slow to open, quick to close, and it says each once."""

import logging

import pytest

from adapters.caches._breaker import FIRST_PAUSE, Breaker

GONE = ConnectionError("gone")


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def fail(breaker: Breaker, seconds: Seconds, times: int = 1) -> None:
    for _ in range(times):
        begun = seconds.now
        seconds.now += 1 / 64
        breaker.failed(GONE, begun)


def test_it_opens_after_three_failures_in_a_row(seconds: Seconds) -> None:
    breaker = Breaker("reads", seconds=seconds)

    fail(breaker, seconds, 2)
    before = breaker.admits()
    fail(breaker, seconds)

    assert (before, breaker.admits()) == (True, False)


def test_an_answer_in_between_starts_the_count_anew(seconds: Seconds) -> None:
    breaker = Breaker("reads", seconds=seconds)

    fail(breaker, seconds, 2)
    breaker.answered()
    fail(breaker, seconds, 2)

    assert breaker.admits()


def test_calls_that_are_cut_off_together_are_one_failure(seconds: Seconds) -> None:
    breaker = Breaker("reads", seconds=seconds)
    begun = seconds.now
    seconds.now += 0.1

    for _ in range(100):
        breaker.failed(GONE, begun)

    assert breaker.admits()


def test_a_call_is_no_failure_where_others_were_answered_since_it_began(seconds: Seconds) -> None:
    breaker = Breaker("reads", seconds=seconds)
    for _ in range(10):
        begun = seconds.now
        seconds.now += 0.1
        breaker.answered()
        breaker.failed(GONE, begun)

    assert breaker.admits()


def test_after_a_pause_one_call_may_try(seconds: Seconds) -> None:
    breaker = Breaker("reads", seconds=seconds)
    fail(breaker, seconds, 3)

    seconds.now += FIRST_PAUSE

    assert [breaker.admits() for _ in range(3)] == [True, False, False]


def test_after_a_pause_all_may_try_where_each_call_matters(seconds: Seconds) -> None:
    breaker = Breaker("writes", one_by_one=False, seconds=seconds)
    fail(breaker, seconds, 3)

    seconds.now += FIRST_PAUSE

    assert [breaker.admits() for _ in range(3)] == [True, True, True]


def test_pauses_double_up_to_the_longest(seconds: Seconds) -> None:
    breaker = Breaker("reads", longest_pause=4, seconds=seconds)
    fail(breaker, seconds, 3)

    pauses = []
    for _ in range(4):
        opened = seconds.now
        while not breaker.admits():
            seconds.now += 0.25
        pauses.append(seconds.now - opened)
        fail(breaker, seconds)

    assert pauses == [1, 2, 4, 4]


def test_after_an_answer_pauses_are_short_again(seconds: Seconds) -> None:
    breaker = Breaker("reads", longest_pause=4, seconds=seconds)
    fail(breaker, seconds, 6)

    breaker.answered()
    fail(breaker, seconds, 3)
    seconds.now += FIRST_PAUSE

    assert breaker.admits()


def test_calls_under_way_when_it_opens_do_not_lengthen_the_pause(seconds: Seconds) -> None:
    breaker = Breaker("reads", longest_pause=4, seconds=seconds)
    begun = seconds.now
    fail(breaker, seconds, 3)

    breaker.failed(GONE, begun)
    seconds.now += FIRST_PAUSE

    assert breaker.admits()


def test_an_answer_closes_it_at_once(seconds: Seconds) -> None:
    breaker = Breaker("reads", seconds=seconds)
    fail(breaker, seconds, 3)

    breaker.answered()

    assert [breaker.admits() for _ in range(3)] == [True, True, True]


def test_it_may_be_told_not_to_wait(seconds: Seconds) -> None:
    breaker = Breaker("writes", one_by_one=False, seconds=seconds)
    fail(breaker, seconds, 3)

    breaker.try_now()

    assert breaker.admits()


def test_it_tells_once_that_it_opened_and_once_that_it_closed(
    seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    breaker = Breaker("reads", seconds=seconds)

    with caplog.at_level(logging.INFO):
        fail(breaker, seconds, 10)
        breaker.answered()
        breaker.answered()

    assert [record.message for record in caplog.records] == [
        "the cache is away",
        "the cache is back",
    ]
