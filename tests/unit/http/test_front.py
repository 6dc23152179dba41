"""What stands before the router, and what the router itself answers."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from application.check_health import CheckHealth
from domain import errors
from entrypoints.container import System
from entrypoints.http.asgi import Receive, Scope, Send
from entrypoints.http.front import Front
from entrypoints.http.gate import Gate
from entrypoints.http.key import Key
from entrypoints.http.metrics import Metrics
from entrypoints.http.problem_types import KINDS
from tests.bad_requests import GOOD, JSON, NOBODY
from tests.systems import KEY, a_client

LASTS = 0.3


def test_every_error_of_the_business_has_its_status() -> None:
    kinds = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.CrmError)
    }
    # these two are never raised themselves
    assert set(KINDS) == kinds - {errors.CrmError, errors.InvalidFields}


async def test_a_wrong_method_names_the_right_ones(client: httpx.AsyncClient) -> None:
    response = await client.put("/leads", json=GOOD)

    assert set(response.headers["allow"].split(", ")) >= {"GET", "POST"}


async def test_an_unknown_parameter_is_answered_with_a_suggestion(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/leads?limt=5")

    assert "did you mean `limit`?" in response.json()["detail"]


async def test_a_body_is_cut_off_where_it_grows_too_large_without_a_length(
    client: httpx.AsyncClient,
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b"x" * 1024

    response = await client.post("/leads", content=endless(), headers=JSON)

    assert response.status_code == 413
    assert sent <= 66


async def test_a_given_request_id_is_kept(client: httpx.AsyncClient) -> None:
    response = await client.get("/leads", headers={"x-request-id": "my-id-1"})

    assert response.headers["x-request-id"] == "my-id-1"


async def test_a_request_id_that_would_forge_a_log_line_is_replaced(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/leads", headers={"x-request-id": "a b\tc"})

    assert response.headers["x-request-id"] != "a b\tc"


async def test_a_defect_is_a_problem_that_tells_nothing(system: System) -> None:
    class Broken:
        async def __call__(self, *_: object) -> None:
            raise RuntimeError("secret detail")

    broken = replace(system.crm, get_lead=Broken())  # type: ignore[arg-type]
    async with a_client(replace(system, crm=broken)) as client:
        response = await client.get(f"/leads/{NOBODY}")

    assert (response.status_code, response.json()["type"]) == (500, "/problems/internal-error")
    assert "secret detail" not in response.text


async def test_what_breaks_before_the_router_is_a_problem_and_counted() -> None:
    class Broken(Gate):
        async def enter(self, *_: object) -> Any:
            raise RuntimeError("secret detail")

    async def unreachable(*_: object) -> None:
        raise AssertionError

    metrics = Metrics()
    front = Front(unreachable, Broken(Key(KEY), {}), metrics, asyncio.Event())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=front), base_url="http://crm.test"
    ) as client:
        response = await client.get("/", headers={"x-api-key": KEY})

    assert (response.status_code, response.json()["type"]) == (500, "/problems/internal-error")
    assert "secret detail" not in response.text
    assert [status for _, _, status in metrics.answers] == [500]


async def test_a_database_that_is_away_is_a_503_with_retry_after(system: System) -> None:
    class Away:
        async def __call__(self, *_: object) -> None:
            raise errors.DatabaseUnavailable("connection refused by db.internal")

    away = replace(system.crm, get_lead=Away())  # type: ignore[arg-type]
    async with a_client(replace(system, crm=away)) as client:
        response = await client.get(f"/leads/{NOBODY}")

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert "db.internal" not in response.text


async def test_no_personal_data_and_no_key_gets_into_the_log(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await client.post("/leads", json={**GOOD, "phone": "+1 555 0100"})
        await client.post("/leads", json=GOOD)
        await client.post("/leads", json={**GOOD, "email": "grace at example.com"})
        await client.get("/leads?cursor=grace@example.com")

    logged = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    ours = "\n".join(line for line in logged.splitlines() if "httpx" not in line)
    assert ours
    for secret in ("Grace", "grace", "555 0100", KEY):
        assert secret not in ours


async def test_live_touches_nothing_and_needs_no_key(client: httpx.AsyncClient) -> None:
    del client.headers["x-api-key"]

    assert (await client.get("/health/live")).json() == {"status": "ok"}


async def test_ready_says_how_each_part_is(client: httpx.AsyncClient) -> None:
    del client.headers["x-api-key"]

    response = await client.get("/health/ready")

    assert (response.status_code, response.json()["status"]) == (200, "ok")
    assert response.json()["parts"]["database"] == "ok"


async def test_a_draining_process_is_not_ready(system: System) -> None:
    draining = asyncio.Event()
    draining.set()
    async with a_client(system, draining) as client:
        response = await client.get("/health/ready")
        live = await client.get("/health/live")

    assert (response.status_code, response.json()["status"]) == (503, "draining")
    assert live.status_code == 200


async def test_a_draining_process_answers_and_lets_go_of_its_connections(system: System) -> None:
    draining = asyncio.Event()
    async with a_client(system, draining) as client:
        before = await client.get("/leads")
        draining.set()
        after = await client.get("/leads")

    assert (after.status_code, after.headers["connection"]) == (200, "close")
    assert "connection" not in before.headers


@dataclass
class Probe:
    fails: bool

    async def ping(self) -> None:
        if self.fails:
            raise ConnectionError


@pytest.mark.parametrize(
    ("database", "redis", "expected"),
    [(False, True, (200, "degraded")), (True, False, (503, "unavailable"))],
)
async def test_only_the_database_is_a_must(
    system: System, database: bool, redis: bool, expected: tuple[int, str]
) -> None:
    last_syncs = system.crm.check_health.last_syncs
    health = CheckHealth(Probe(database), {"cache": Probe(redis)}, last_syncs)
    async with a_client(replace(system, crm=replace(system.crm, check_health=health))) as client:
        response = await client.get("/health/ready")

    assert (response.status_code, response.json()["status"]) == expected
    assert ("syncs" in response.json()) is not database


async def test_the_docs_need_no_internet(client: httpx.AsyncClient) -> None:
    del client.headers["x-api-key"]

    page = await client.get("/docs")
    assets = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")
    found = [await client.get(f"/docs/assets/{name}") for name in assets]

    assert page.headers["content-type"].startswith("text/html")
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert [response.status_code for response in found] == [200, 200, 200]
    assert all(f"/docs/assets/{name}" in page.text for name in assets)


async def test_the_document_lists_the_key_and_only_our_error_shape(
    client: httpx.AsyncClient,
) -> None:
    del client.headers["x-api-key"]

    document = (await client.get("/openapi.json")).json()

    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"]["apiKey"]["name"] == "x-api-key"
    assert document["security"] == [{"apiKey": []}]
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400 and operation["operationId"] != "ready":
                    assert list(response["content"]) == ["application/problem+json"]
    assert "status_code" not in json.dumps(document)


async def test_the_document_lists_every_route(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]

    assert set(paths) == {
        "/leads",
        "/create-lead",
        "/leads/upsert",
        "/leads/batch",
        "/leads/export",
        "/leads/import",
        "/leads/summarize",
        "/leads/{lead_id}",
        "/leads/{lead_id}/restore",
        "/leads/{lead_id}/timeline",
        "/leads/{lead_id}/activities",
        "/leads/{lead_id}/summarize",
        "/leads/{lead_id}/summaries",
        "/leads/{lead_id}/summaries/{run_id}",
        "/leads/{lead_id}/summaries/{run_id}/requeue",
        "/leads/{lead_id}/summaries/{run_id}/diff",
        "/leads/{lead_id}/summaries/{run_id}/events",
        "/summaries/bulk/{bulk_id}",
        "/sync",
        "/sync/runs",
        "/sync/runs/{run_id}",
        "/sync/runs/{run_id}/rejects",
        "/sync/runs/{run_id}/rejects.csv",
        "/sync/runs/{run_id}/retry",
        "/ai/usage",
        "/health/live",
        "/health/ready",
        "/metrics",
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("post", "/leads", "409"),
        ("post", "/leads", "413"),
        ("post", "/leads", "415"),
        ("post", "/leads", "422"),
        ("post", "/leads/upsert", "200"),
        ("post", "/leads/upsert", "201"),
        ("post", "/leads/upsert", "409"),
        ("post", "/leads/batch", "200"),
        ("post", "/leads/batch", "422"),
        ("post", "/leads/summarize", "202"),
        ("get", "/summaries/bulk/{bulk_id}", "404"),
        ("get", "/leads", "400"),
        ("get", "/leads/{lead_id}", "404"),
        ("post", "/leads/{lead_id}/summarize", "202"),
        ("get", "/leads/{lead_id}", "503"),
        ("get", "/leads/{lead_id}", "401"),
        ("get", "/health/ready", "503"),
    ],
)
async def test_the_document_lists_what_is_really_returned(
    client: httpx.AsyncClient, method: str, path: str, status: str
) -> None:
    document = (await client.get("/openapi.json")).json()

    assert status in document["paths"][path][method]["responses"]


async def test_requests_are_counted_by_route_and_not_by_id(client: httpx.AsyncClient) -> None:
    counter = 'smart_crm_http_requests_total{method="GET",route="/leads/{lead_id}",status="404"} '

    async def counted() -> float:
        text = (await client.get("/metrics")).text
        assert NOBODY not in text
        assert "nowhere" not in text
        line = next((line for line in text.splitlines() if line.startswith(counter)), "0")
        return float(line.removeprefix(counter))

    before = await counted()
    await client.get(f"/leads/{NOBODY}")
    await client.get("/nowhere")

    assert await counted() == before + 1


async def test_reads_are_counted_by_what_the_cache_did(client: httpx.AsyncClient) -> None:
    lead = (await client.post("/leads", json=GOOD)).json()
    for _ in range(3):
        await client.get(f"/leads/{lead['id']}")

    lines = (await client.get("/metrics")).text.splitlines()

    assert {line for line in lines if line.startswith("smart_crm_cache_reads_total")} == {
        'smart_crm_cache_reads_total{result="hit"} 2.0',
        'smart_crm_cache_reads_total{result="joined"} 0.0',
        'smart_crm_cache_reads_total{result="miss"} 1.0',
    }


async def test_metrics_need_the_key(client: httpx.AsyncClient) -> None:
    del client.headers["x-api-key"]

    assert (await client.get("/metrics")).status_code == 401


async def test_a_stream_is_counted_by_the_time_until_it_began() -> None:
    counted: list[float] = []

    class Taken(Metrics):
        def count(self, method: str, route: str, status: int, seconds: float) -> None:
            counted.append(seconds)

    async def lasting(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(LASTS)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    front = Front(lasting, Gate(Key(KEY), {}), Taken(), asyncio.Event())
    transport = httpx.ASGITransport(app=front)
    async with httpx.AsyncClient(transport=transport, base_url="http://crm.test") as client:
        await client.get("/", headers={"x-api-key": KEY})

    assert len(counted) == 1
    assert counted[0] < LASTS
