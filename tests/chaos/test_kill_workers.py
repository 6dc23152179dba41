"""Workers are killed, Redis wiped, PostgreSQL restarted, bells lost: no run is, and none twice."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos import evidence
from tests.chaos.crew import Kill, Worker
from tests.chaos.seed import SEED
from tests.chaos.stage import Plan, Stage, stage
from tests.engines.redis import flush

SMALL = Plan(60, 8, kills=3, wipes=1, restarts=1, slowest=0.8, lease="2 s", sweep="500 ms")
WHOLE = Plan(2_000, 240, kills=55, wipes=5, restarts=2, slowest=0.8, lease="15 s", sweep="5 s")
CALM = Plan(1_000, 30, kills=0, wipes=0, restarts=0, slowest=0.8, lease="15 s", sweep="5 s")


def misfortunes(plan: Plan, on: Stage, chance: random.Random) -> list[Callable[[], object]]:
    """Wipes and restarts, with blanks between them: one for each kill."""

    def lose_everything() -> None:
        on.redis.kill()
        on.redis.start()

    def wipe() -> None:
        flush(on.redis.url)

    some: list[Callable[[], object]] = [
        *(wipe if n % 2 else lose_everything for n in range(plan.wipes)),
        *[on.postgres.restart] * plan.restarts,
    ]
    blanks: list[Callable[[], object]] = [lambda: None] * (plan.kills - len(some))
    chance.shuffle(everything := [*some, *blanks])
    return everything


def kill(worker: Worker, chance: random.Random) -> Kill:
    """Some at any time, most around the moment in which an answer is written."""
    if chance.random() < 0.25:
        done = worker.kill()
    else:
        done = worker.kill_after_an_answer(chance.randrange(4), chance.uniform(0, 0.004))
    worker.start()
    return done


@pytest.mark.parametrize("plan", [SMALL, pytest.param(WHOLE, marks=pytest.mark.chaos)])
@pytest.mark.timeout(900)
def test_no_run_is_lost_doubled_or_invented(tmp_path: Path, plan: Plan) -> None:
    print(f"CHAOS_SEED={SEED}")
    chance, kills = random.Random(SEED), list[Kill]()
    with stage(plan, tmp_path, chance) as on:
        for strike in misfortunes(plan, on, chance):
            time.sleep(chance.uniform(0.5, 1.5) * plan.seconds / plan.kills * 0.5)
            strike()
            kills.append(kill(chance.choice(on.workers), chance))
        lost, rows = on.lost(), on.rows()

    calls = on.calls()
    hits = evidence.hits_of(kills, calls)
    assert hits.holding
    late = hits.retaken_after[int(len(hits.retaken_after) * 0.95)]
    print(
        f"{len(rows)} leads, {on.clients.unheard} bells not rung, {len(kills)} kills "
        f"({hits.holding} of a worker that held a lease, {hits.before_commit} between an answer "
        f"and its commit), {plan.wipes} wipes of Redis, {plan.restarts} restarts of PostgreSQL, "
        f"{len(calls)} calls to the AI; {len(lost)} lost, taken up again after "
        f"{late:.1f} s (p95), {hits.retaken_after[-1]:.1f} s at most"
    )
    assert lost == []
    assert evidence.doubled(rows) == []
    assert evidence.invented(rows, calls) == []
    if plan is WHOLE:
        assert hits.holding >= plan.kills / 2
        assert hits.before_commit >= 10
        assert late <= 30


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_without_faults_each_run_is_one_call(tmp_path: Path) -> None:
    with stage(CALM, tmp_path, random.Random(SEED)) as on:
        lost, rows = on.lost(), on.rows()

    calls = on.calls()
    print(f"{len(rows)} leads, no faults, {len(calls)} calls to the AI")
    assert lost == []
    assert sorted(call.email for call in calls) == sorted(row["email"] for row in rows)
