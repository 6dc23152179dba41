"""What measured costs come to at scale: the arithmetic, and the page that it is written into."""

import pytest

from bench.scale import BEGIN, END, MIX, Cost, Share, needed, rewritten, summaries, traffic
from bench.table import Line


def a_line(work: str, **parts: float) -> Line:
    return Line(work=work, ours=1, unit="/s", cpu=100, parts=parts)


def test_cores_are_the_sum_of_what_each_share_of_the_traffic_takes() -> None:
    costs = {"read": Cost(100, 0, 10), "write": Cost(1_000, 500, 50)}
    mix = [Share("read", 0.9), Share("write", 0.1)]
    at = needed(mix, costs, rate=10_000)
    assert (at.api, at.postgres, at.redis) == pytest.approx((1.9, 0.5, 0.14))


def test_the_mix_is_all_of_the_traffic() -> None:
    assert sum(part.share for part in MIX) == pytest.approx(1)


def test_what_was_not_measured_is_said_to_be_missing() -> None:
    assert "Not measured yet: cached GET" in traffic({})


def test_the_cores_stand_in_the_table() -> None:
    made = traffic({part.work: a_line(part.work, PostgreSQL=200, Redis=10) for part in MIX})
    assert "| **cores taken at 10,000 requests/s** | | **1.0** | **2.0** | **0.10** |" in made
    assert "| cores to have, 70% busy | | 2 (a process each) | 3 | 1 |" in made


def test_the_tier_that_is_full_first_is_told() -> None:
    made = traffic({part.work: a_line(part.work, PostgreSQL=200, Redis=10) for part in MIX})
    assert "| one API process | 7,000 |" in made
    assert "| PostgreSQL on 16 cores | 56,000 |" in made
    assert "| Redis, which has one | 70,000 |" in made


def test_a_worker_that_was_measured_tells_what_the_summaries_take() -> None:
    worker = a_line("summaries/s, instant AI", PostgreSQL=1_000)
    assert "of workers and of PostgreSQL taken then | 0.00 and 0.03 |" in summaries(
        {worker.work: worker}
    )


def test_only_what_stands_between_the_marks_is_made_anew() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter"
    assert rewritten(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter"
    with pytest.raises(ValueError, match="marks"):
        rewritten("no marks", "new")
