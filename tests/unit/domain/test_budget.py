"""What calls cost: rounded up, and at their worst where nobody knows."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from domain.budget import DailyCaps, DayUsage, Price, day_of, end_of, paid
from domain.errors import FailureType
from domain.insight import Usage

FLASH = Price(300_000, 2_500_000)
WORST = Usage(900, 100)
DAY = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("usage", "micros"),
    [
        (Usage(1_000_000, 0), 300_000),
        (Usage(0, 1_000_000), 2_500_000),
        (Usage(1_000, 200), 800),
        (Usage(10, 0), 3),
        (Usage(1, 0), 1),
        (Usage(1, 1), 3),
        (Usage(0, 0), 0),
    ],
)
def test_a_cost_is_rounded_up_once(usage: Usage, micros: int) -> None:
    assert FLASH.cost(usage) == micros


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        (Usage(700, 50), Usage(700, 50)),
        (Usage(0, 0), Usage(0, 0)),
        (Usage(1_000, 200), Usage(1_000, 200)),
        (Usage(), WORST),
        (Usage(700), Usage(700, 100)),
        (Usage(None, 50), Usage(900, 50)),
    ],
)
def test_what_is_not_told_is_counted_at_its_worst(told: Usage, counted: Usage) -> None:
    assert paid(told, WORST) == counted


@pytest.mark.parametrize("failure", list(FailureType))
def test_only_who_refused_before_a_model_ran_costs_nothing(failure: FailureType) -> None:
    unpaid = failure in {FailureType.QUOTA, FailureType.CREDENTIALS}

    assert paid(Usage(), WORST, failure) == (Usage(0, 0) if unpaid else WORST)
    assert paid(Usage(700, 50), WORST, failure) == Usage(700, 50)


def test_a_day_without_caps_has_room_for_anything() -> None:
    assert DayUsage(day=DAY, calls=10**9, micros=10**15).has_room(10**9, DailyCaps())


def test_a_day_is_one_of_utc() -> None:
    late = datetime(2026, 12, 31, 22, 30, tzinfo=timezone(timedelta(hours=-2)))

    assert day_of(late) == date(2027, 1, 1)
    assert end_of(DAY) == datetime(2027, 1, 1, tzinfo=UTC)
