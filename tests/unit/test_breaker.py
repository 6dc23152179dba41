"""The breaker: all, none, then one at a time."""

from datetime import timedelta

from application.breaker import Breaker
from tests.builders import NOW

PAUSE = timedelta(seconds=30)


def test_closed_it_lets_everybody_through() -> None:
    assert Breaker(PAUSE).allowed(20, NOW) == 20


def test_tripped_it_lets_nobody_through() -> None:
    breaker = Breaker(PAUSE)
    breaker.trip(NOW)

    assert breaker.allowed(20, NOW + PAUSE / 2) == 0


def test_after_the_pause_one_at_a_time_tries() -> None:
    breaker = Breaker(PAUSE)
    breaker.trip(NOW)

    assert breaker.allowed(20, NOW + PAUSE) == 1
    assert breaker.allowed(20, NOW + PAUSE) == 0
    assert breaker.allowed(20, NOW + 2 * PAUSE) == 1


def test_closed_again_it_lets_everybody_through() -> None:
    breaker = Breaker(PAUSE)
    breaker.trip(NOW)
    breaker.close()

    assert breaker.allowed(20, NOW) == 20
