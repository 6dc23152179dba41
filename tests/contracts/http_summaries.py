"""Summaries over HTTP: of many leads at once, and each run against the one before."""

from collections.abc import AsyncIterator

import httpx
import pytest

from entrypoints.container import System
from tests.bad_requests import NOBODY
from tests.contracts.http_api import create
from tests.contracts.http_bulk_summaries import BulkSummariesHttpContract
from tests.systems import a_client, work_off_summaries

NOTE = {"type": "note", "text": "Asked for a demo."}


async def summarized(client: httpx.AsyncClient, system: System, path: str) -> str:
    """Where the run stands that is made of the lead as it is now."""
    asked = await client.post(f"{path}/summarize", params={"force": "true"})
    await work_off_summaries(system)
    location: str = asked.headers["location"]
    return location


class RunDiffContract:
    """Inherit it with `system` and `client`."""

    async def test_a_run_is_compared_with_the_insight_before(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        path = f"/leads/{(await create(client, company='Navy'))['id']}"
        first = await summarized(client, system, path)
        await client.patch(path, json={"company": "ACME"})
        for _ in range(2):
            await client.post(f"{path}/activities", json=NOTE)
        second = await summarized(client, system, path)

        diff = (await client.get(f"{second}/diff")).json()

        one, two = [(await client.get(run)).json() for run in (first, second)]
        assert (diff["run_id"], diff["previous_run_id"]) == (two["id"], one["id"])
        assert diff["input_changes"] == ["company changed", "2 new activities"]
        assert {change["field"] for change in diff["changes"]} >= {"summary", "claims"}
        for change in diff["changes"]:
            field = change["field"]
            assert (change["from"], change["to"]) == (one["insight"][field], two["insight"][field])

    async def test_the_first_insight_is_compared_with_nothing(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        path = f"/leads/{(await create(client, company='Navy'))['id']}"
        run = await summarized(client, system, path)

        diff = (await client.get(f"{run}/diff")).json()

        assert diff == {
            "run_id": run.rpartition("/")[2],
            "previous_run_id": None,
            "input_changes": [],
            "changes": [],
        }

    async def test_a_run_without_an_insight_cannot_be_compared(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)
        asked = await client.post(f"/leads/{lead['id']}/summarize")

        response = await client.get(f"{asked.headers['location']}/diff")

        told = (response.status_code, response.json()["type"])
        assert told == (409, "/problems/summary-run-empty")

    async def test_there_is_no_diff_of_a_run_that_is_not_the_leads(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await summarized(client, system, f"/leads/{(await create(client))['id']}")
        other = await create(client, email="other@example.com")

        paths = (
            f"/leads/{other['id']}/summaries/{run.rpartition('/')[2]}/diff",
            f"/leads/{other['id']}/summaries/{NOBODY}/diff",
            f"/leads/{other['id']}/summaries/x/diff",
        )
        responses = [await client.get(path) for path in paths]

        assert [(r.status_code, r.json()["type"]) for r in responses] == [
            (404, "/problems/summary-run-not-found"),
            (404, "/problems/summary-run-not-found"),
            (404, "/problems/not-found"),
        ]


class HttpSummariesContract(BulkSummariesHttpContract, RunDiffContract):
    """Inherit it with a `system` fixture."""

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client
