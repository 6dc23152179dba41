"""The simulation against what is known of queues by formula."""

import math
import statistics

import pytest

from bench.queues import (
    Station,
    constant,
    erlang_c,
    exponential,
    mean_wait,
    quantile,
    servers_needed,
    simulated,
)

REQUESTS = 30_000


def test_one_server_waits_as_often_as_it_is_busy() -> None:
    assert erlang_c(1, 0.7) == pytest.approx(0.7)


def test_erlang_c_gives_the_figures_of_the_books() -> None:
    # two servers, one's worth of work: a third of the requests waits
    assert erlang_c(2, 1) == pytest.approx(1 / 3)
    assert erlang_c(10, 8) == pytest.approx(0.409, abs=0.001)


def test_hundreds_of_servers_do_not_overflow() -> None:
    assert 0 < erlang_c(1_000, 950) < 0.2


def test_where_more_arrives_than_can_be_done_everybody_waits_without_end() -> None:
    assert erlang_c(2, 2) == 1.0
    assert mean_wait(2, rate=20, seconds=0.1) == math.inf


@pytest.mark.parametrize("servers", [1, 4])
def test_the_simulation_waits_as_long_as_erlang_says(servers: int) -> None:
    rate, seconds = 7.0 * servers, 0.1
    took = simulated([Station(servers, exponential(seconds))], rate, REQUESTS, seed=1)
    expected = mean_wait(servers, rate, seconds) + seconds
    assert statistics.mean(took) == pytest.approx(expected, rel=0.06)


def test_constant_service_waits_half_as_long() -> None:
    # Pollaczek and Khinchine: without variance there is half the wait
    took = simulated([Station(1, constant(0.1))], 7.0, REQUESTS, seed=2)
    waited = statistics.mean(took) - 0.1
    assert waited == pytest.approx(mean_wait(1, 7.0, 0.1) / 2, rel=0.08)


def test_as_many_are_inside_as_little_says() -> None:
    rate = 30.0
    stations = [Station(4, exponential(0.1)), Station(2, exponential(0.04))]
    took = simulated(stations, rate, REQUESTS, seed=3)
    by_formula = rate * (mean_wait(4, rate, 0.1) + 0.1 + mean_wait(2, rate, 0.04) + 0.04)
    # the rate times the time inside; and the lines of a tandem are as if each stood alone
    assert rate * statistics.mean(took) == pytest.approx(by_formula, rel=0.06)


def test_servers_behind_a_blind_balancer_wait_as_if_each_stood_alone() -> None:
    took = simulated([Station(4, exponential(0.1), shared=False)], 28.0, REQUESTS, seed=4)
    assert statistics.mean(took) == pytest.approx(mean_wait(1, 7.0, 0.1) + 0.1, rel=0.1)


def test_the_same_seed_gives_the_same_figures() -> None:
    station = Station(2, exponential(0.1), shared=False)
    first, again, other = (simulated([station], 5, 100, seed) for seed in (1, 1, 2))
    assert first == again != other


def test_servers_are_enough_as_soon_as_few_wait() -> None:
    needed = servers_needed(rate=11.6, seconds=4, may_wait=0.01)
    assert erlang_c(needed, 46.4) <= 0.01 < erlang_c(needed - 1, 46.4)


def test_a_quantile_is_a_figure_that_was_seen() -> None:
    seen = [float(n) for n in range(1, 101)]
    assert (quantile(seen, 0.5), quantile(seen, 0.99), quantile(seen, 1)) == (50, 99, 100)
