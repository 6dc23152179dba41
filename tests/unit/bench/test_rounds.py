"""Rounds are compared pairwise, so that a slow minute of the machine hits both sides."""

import pytest

from bench.load import Measured
from bench.rounds import compared
from bench.table import Bar


def test_the_ratio_is_the_median_of_the_ratios_of_each_round() -> None:
    ours = [Measured(600, 1, 3), Measured(60, 9, 30), Measured(500, 1, 4)]
    limit = [Measured(1000, 1, 1), Measured(100, 8, 10), Measured(1000, 1, 2)]
    line = compared("read", ours, limit, "raw", bar=Bar(0.6), p99_bar=3)
    # of the medians it would be 0.5
    assert line.ratio == pytest.approx(0.6)
    assert (line.ours, line.limit, line.p99, line.limit_p99) == (500, 1000, 4, 2)
    assert line.holds


def test_cpu_is_told_in_microseconds_and_left_out_where_the_system_does_not_tell() -> None:
    told = Measured(1, 1, 1, 0.000_15, {"Redis": 0.000_02})
    silent = Measured(1, 1, 1)
    line = compared("read", [told], [silent], "raw")
    assert line.cpu == pytest.approx(150)
    assert line.limit_cpu is None
    assert line.parts == pytest.approx({"Redis": 20})
