"""A thousand small worlds inside `make test`, larger ones for minutes in `make chaos`."""

import hashlib
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.chaos.seed import SEED
from tests.simulation.world import Size, World

SIM_SEED = os.environ.get("SIM_SEED")
CHUNK, CHUNKS = 50, 20
CHAOS_STEPS = 8_000_000
LARGE = Size(apis=3, workers=4, clients=6, requests=40)
SITUATIONS = [
    "kills",
    "kills of a lease's holder",
    "kills between answer and commit",
    "stops of a lease's holder",
    "workers asked to stop",
    "late answers dropped",
    "runs tried anew",
    "bells not rung",
    "cache hits",
    "cache wipes",
    "cache evictions",
    "stale candidates",
    "commits whose answer was lost",
    "database outages",
    "wrong keys",
]
DIGEST = "from tests.simulation.test_simulation import digest; print(digest(7))"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of faults would be logged, each of them meant."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def lived(seed: int, size: Size) -> Counter[str]:
    """The figures of one world; fails with the seed if a promise was broken in it."""
    world = World(seed, size)
    broken = world.live()
    if broken:
        name = "small" if size == Size() else "large"
        print(f"SIM_SEED={seed} python -m pytest tests/simulation -s -m '' -k {name}_worlds")
        print(world.weather_report, *broken, sep="\n")
        if SIM_SEED:
            print(*world.history.events, sep="\n")
        pytest.fail(f"seed {seed}: {broken[0]}")
    return world.history.figures


@cache
def chunk_lived(chunk: int) -> Counter[str]:
    figures = Counter[str]()
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        figures += lived(seed, Size())
    return figures


def digest(seed: int) -> str:
    world = World(seed)
    world.live()
    return hashlib.sha256(repr(world.history.events).encode()).hexdigest()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_small_worlds_break_no_promise(chunk: int) -> None:
    if SIM_SEED:
        lived(int(SIM_SEED), Size())
    else:
        chunk_lived(chunk)


@pytest.mark.timeout(600)
def test_every_situation_really_occurs() -> None:
    figures = sum((chunk_lived(chunk) for chunk in range(CHUNKS)), Counter[str]())
    print(_told(figures))
    assert figures["worlds"] == 1_000
    assert [name for name in SITUATIONS if not figures[name]] == []


def test_a_seed_tells_the_same_story_each_time() -> None:
    assert digest(7) == digest(7) != digest(8)


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_tells_the_same_story_in_every_process(hash_seed: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", DIGEST],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == digest(7)


@pytest.mark.chaos
@pytest.mark.timeout(900)
def test_large_worlds_break_no_promise() -> None:
    seed = int(SIM_SEED or SEED)
    print(f"CHAOS_SEED={seed}")
    figures = Counter[str]()
    while figures["steps"] < (1 if SIM_SEED else CHAOS_STEPS):
        figures += lived(seed, LARGE)
        seed += 1
    print(_told(figures))
    assert [name for name in SITUATIONS if not SIM_SEED and not figures[name]] == []


def _told(figures: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(figures.items()))
