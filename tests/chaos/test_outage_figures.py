"""How long anybody waits in each outage, from its first request on, and how soon it is over.

What a request that touches nothing takes meanwhile is the machine's own noise, and is allowed.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chaos.watched import Watched
from tests.engines.frozen import frozen
from tests.engines.redis import OwnRedis, flush
from tests.outages import Deployment, asked, deployed, killed, new_lead, out_of_memory, query
from tests.processes import KEY, api_of, eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

REQUESTS = 60
AT_ONCE = 10
OUTAGE_SECONDS = 25.0
State = Callable[[Any], AbstractContextManager[None]]
NUMBERS = count()


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """With the paces that users have."""
    with deployed(tmp_path_factory.mktemp("figures")) as deployment:
        yield deployment


@contextmanager
def wiped(server: OwnRedis) -> Iterator[None]:
    flush(server.url)
    yield


def timed(call: Callable[[], httpx.Response], status: int) -> float:
    began = time.monotonic()
    response = call()
    took = time.monotonic() - began
    assert response.status_code == status, response.text
    return took


def leads_of(client: httpx.Client) -> list[dict[str, Any]]:
    leads = [new_lead(client, f"figure{next(NUMBERS)}@example.com") for _ in range(REQUESTS)]
    for lead in leads:
        client.get(f"/leads/{lead['id']}")
    return leads


def measure_redis_outage(name: str, state: State, deployment: Deployment) -> None:
    reads, summarizes, noise, paths = [], [], [], []
    with api_of(deployment.api) as client:
        leads = leads_of(client)
        with state(deployment.redis):
            watched = Watched(deployment.worker)
            for lead in leads:
                path = f"/leads/{lead['id']}"
                summarizes.append(timed(lambda path=path: client.post(f"{path}/summarize"), 202))  # type: ignore[misc]
                reads.append(timed(lambda path=path: client.get(path), 200))  # type: ignore[misc]
                noise.append(timed(lambda: client.get("/health/live"), 200))
                paths.append(path)
            core = watched.core(OUTAGE_SECONDS)
            last = new_lead(client, f"figure{next(NUMBERS)}@example.com")
            asked(client, last)
            paths.append(f"/leads/{last['id']}")
        over = time.monotonic()
        for path in paths:
            eventually(lambda path=path: client.get(path).json()["summary"], seconds=60)  # type: ignore[misc]
        done = time.monotonic() - over

    lines, kind = watched.most_repeated(within=10)
    print(
        f"\nRedis {name}: {len(reads)} reads, {max(reads) * 1000:.0f} ms at most; "
        f"{len(summarizes)} summarizes, {max(summarizes) * 1000:.0f} ms at most "
        f"(noise {max(noise) * 1000:.0f} ms); all done {done:.1f} s after it was back; "
        f"worker {core:.1%} of a core, {lines} lines per 10 s ({kind})"
    )
    assert max(reads) <= 0.1 + max(noise)
    assert max(summarizes) <= 0.3 + max(noise)
    assert done <= 30
    assert core <= 0.05
    assert lines <= 1


@pytest.mark.parametrize("state", [killed, frozen, out_of_memory, wiped])
def test_without_redis_nobody_waits(deployment: Deployment, state: State) -> None:
    measure_redis_outage(state.__name__, state, deployment)


@pytest.mark.parametrize("delay", [0.05, 0.3])
def test_behind_a_slow_redis_nobody_waits(tmp_path: Path, delay: float) -> None:
    with deployed(tmp_path, redis_answers_after=delay) as slow:
        measure_redis_outage(f"{delay * 1000:.0f} ms late", lambda _: nullcontext(), slow)


async def refusals(deployment: Deployment, lead: dict[str, Any]) -> list[float]:
    """How long each of the requests took that were refused, as all of them must be."""

    async def refused(api: httpx.AsyncClient, number: int) -> float:
        calls = (
            ("GET", "/leads", None),
            ("POST", "/leads", {"name": "Ada", "email": f"refused{number}@example.com"}),
            ("POST", f"/leads/{lead['id']}/summarize", None),
        )
        method, path, body = calls[number % len(calls)]
        began = time.monotonic()
        response = await api.request(method, path, json=body)
        took = time.monotonic() - began
        assert (response.status_code, int(response.headers["retry-after"]) > 0) == (503, True)
        return took

    took: list[float] = []
    async with httpx.AsyncClient(
        base_url=deployment.api.url, headers={"x-api-key": KEY}, timeout=20
    ) as api:
        for wave in range(0, REQUESTS, AT_ONCE):
            calls = [refused(api, number) for number in range(wave, wave + AT_ONCE)]
            took += await asyncio.gather(*calls)
            assert (await api.get("/health/live")).status_code == 200
            assert (await api.get("/health/ready")).status_code == 503
    return took


@pytest.mark.parametrize("state", [killed, frozen])
def test_without_postgres_everybody_is_told_in_time(deployment: Deployment, state: State) -> None:
    with api_of(deployment.api) as client:
        lead = new_lead(client, f"figure{next(NUMBERS)}@example.com")
        with state(deployment.postgres):
            watched = Watched(deployment.worker)
            took = asyncio.run(refusals(deployment, lead))
            core = watched.core(OUTAGE_SECONDS)
        over = time.monotonic()
        recovered = recovery(client, over)
        asked(client, lead)
        eventually(lambda: client.get(f"/leads/{lead['id']}").json()["summary"], seconds=60)
        done = time.monotonic() - over

    lines, kind = watched.most_repeated(within=10)
    print(
        f"\nPostgreSQL {state.__name__}: {len(took)} refused, {max(took):.2f} s at most; "
        f"recovered {recovered:.2f} s after it was back, a summary done after {done:.1f} s; "
        f"worker {core:.1%} of a core, {lines} lines per 10 s ({kind})"
    )
    assert max(took) <= 5
    assert recovered <= 5
    assert done <= 30
    assert core <= 0.05
    assert lines <= 1


def test_after_its_backends_are_ended_it_recovers(deployment: Deployment) -> None:
    with api_of(deployment.api) as client:
        query(
            deployment.postgres,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )
        recovered = recovery(client, time.monotonic())

    print(f"\nPostgreSQL backends ended: recovered after {recovered:.2f} s")
    assert recovered <= 5


def recovery(client: httpx.Client, since: float) -> float:
    """Seconds until the last refusal before as many requests in a row as the pool could spoil."""
    last = since
    in_a_row = 0
    while in_a_row < 2 * AT_ONCE:
        email = f"recovered{next(NUMBERS)}@example.com"
        created = client.post("/leads", json={"name": "Ada", "email": email})
        in_a_row = in_a_row + 1 if created.status_code == 201 else 0
        if not in_a_row:
            last = time.monotonic()
            assert last - since < 30
    return last - since
