"""Redis goes away under running processes: nothing fails, nothing is lost, it is used again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
from redis import Redis

from tests.engines.frozen import frozen
from tests.engines.redis import OwnRedis, flush
from tests.outages import (
    Deployment,
    asked,
    deployed,
    killed,
    new_lead,
    out_of_memory,
    summarized,
)
from tests.processes import api_of, eventually, lead_when

State = Callable[[OwnRedis], AbstractContextManager[None]]


@pytest.fixture(scope="module", params=["redis", pytest.param("tiered", marks=pytest.mark.chaos)])
def deployment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp(request.param)
    with deployed(folder, CRM_SWEEP="1 s", CRM_CACHE=request.param) as deployment:
        yield deployment


@pytest.fixture
def client(deployment: Deployment) -> Iterator[httpx.Client]:
    with api_of(deployment.api) as client:
        eventually(lambda: client.get("/health/ready").json()["status"] == "ok")
        yield client


def cached(redis: OwnRedis, lead_id: str) -> bool:
    with Redis.from_url(redis.url) as plain:
        return bytes(plain.get(f"crm:2:lead:{lead_id}") or b"").startswith(b"D")


@pytest.mark.parametrize(
    ("away", "status"), [(killed, "degraded"), (frozen, "degraded"), (out_of_memory, "ok")]
)
def test_nothing_fails_and_nothing_is_lost(
    deployment: Deployment, client: httpx.Client, away: State, status: str
) -> None:
    lead = new_lead(client, f"{away.__name__}@example.com")
    client.get(f"/leads/{lead['id']}")

    with away(deployment.redis):
        assert client.get(f"/leads/{lead['id']}").json() == lead
        assert summarized(client, lead)["summary"]
        other = new_lead(client, f"{away.__name__}2@example.com")
        assert summarized(client, other)["summary"]
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, status)
        assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize("away", [killed, frozen, out_of_memory])
def test_afterwards_it_is_used_again_and_shows_nothing_old(
    deployment: Deployment, client: httpx.Client, away: State
) -> None:
    lead = new_lead(client, f"{away.__name__}3@example.com")
    path = f"/leads/{lead['id']}"
    client.get(path)

    with away(deployment.redis):
        done = summarized(client, lead)

    def shown_and_cached() -> bool:
        assert client.get(path).json() == done
        return cached(deployment.redis, lead["id"])

    eventually(shown_and_cached)


def test_what_was_asked_for_while_it_was_away_is_done_though_the_worker_was_away_too(
    deployment: Deployment, client: httpx.Client
) -> None:
    lead = new_lead(client, "frozen-worker@example.com")
    with killed(deployment.redis), frozen(deployment.worker):
        run = asked(client, lead).headers["location"]
        assert client.get(run).json()["state"] == "pending"

    assert lead_when(client, lead["id"], summary_status="ready")["summary"]


def test_a_redis_that_lost_everything_is_filled_again(
    deployment: Deployment, client: httpx.Client
) -> None:
    lead = new_lead(client, "wiped@example.com")
    client.get(f"/leads/{lead['id']}")
    flush(deployment.redis.url)

    assert client.get(f"/leads/{lead['id']}").json() == lead
    assert summarized(client, lead)["summary"]
    client.get(f"/leads/{lead['id']}")
    assert cached(deployment.redis, lead["id"])


def test_a_slow_redis_fails_nothing(tmp_path: Path) -> None:
    with (
        deployed(tmp_path, redis_answers_after=0.3, CRM_SWEEP="1 s") as slow,
        api_of(slow.api) as client,
    ):
        lead = new_lead(client, "slow@example.com")

        assert client.get(f"/leads/{lead['id']}").json() == lead
        assert summarized(client, lead)["summary"]
        assert client.get("/health/ready").status_code == 200
