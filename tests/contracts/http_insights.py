"""What the API says of summaries: what they rest on, whether they still hold, what they took."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from entrypoints.container import System
from tests.contracts.http_api import create
from tests.systems import a_client, work_off_summaries

NOTE = {"type": "call", "text": "Wants a demo next week"}


class HttpInsightsContract:
    """Inherit it with a `system` fixture whose summarizer is `rules`."""

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client

    @pytest.fixture
    async def lead(self, client: httpx.AsyncClient, system: System) -> dict[str, Any]:
        """One with a summary."""
        made = await create(client, company="Navy", phone="+1 555 0100", notes="Wants a demo")
        assert (await client.post(f"/leads/{made['id']}/summarize")).status_code == 202
        await work_off_summaries(system)
        return await read(client, made["id"])

    async def test_a_lead_shows_the_insight_and_who_gave_it(self, lead: dict[str, Any]) -> None:
        insight = lead["insight"]

        assert lead["summary_status"] == "ready"
        assert (insight["next_action_type"], insight["channel"]) == ("demo", "phone")
        assert (insight["provider"], insight["confidence"]) == ("rules", "medium")
        assert insight["missing"] == ["job_title"]
        assert {name for claim in insight["claims"] for name in claim["evidence"]} >= {"notes"}
        assert (lead["stale"], lead["stale_because"]) == (False, [])

    async def test_a_run_tells_what_it_took(
        self, client: httpx.AsyncClient, lead: dict[str, Any]
    ) -> None:
        run = (await client.get(f"/leads/{lead['id']}/summaries")).json()["items"][0]

        assert run["id"] == lead["insight"]["run_id"]
        assert (run["insight"]["summary"], run["insight"]["next_action"]) == (
            lead["summary"],
            lead["next_action"],
        )
        assert len(run["input_hash"]) == 64
        assert (run["input_tokens"], run["output_tokens"], run["cost_usd"]) == (None, None, None)
        assert run["latency_ms"] is not None
        assert run["passed_over"] == []

    async def test_an_unchanged_lead_is_answered_by_the_run_that_stands(
        self, client: httpx.AsyncClient, lead: dict[str, Any]
    ) -> None:
        again = await client.post(f"/leads/{lead['id']}/summarize")

        assert (again.status_code, again.json()["status"]) == (200, "ready")
        assert again.json()["run_id"] == lead["insight"]["run_id"]
        assert again.headers["location"].endswith(lead["insight"]["run_id"])
        assert await read(client, lead["id"]) == lead

    async def test_force_asks_again_all_the_same(
        self, client: httpx.AsyncClient, lead: dict[str, Any]
    ) -> None:
        again = await client.post(f"/leads/{lead['id']}/summarize?force=true")

        assert (again.status_code, again.json()["status"]) == (202, "processing")
        assert again.json()["run_id"] != lead["insight"]["run_id"]

    async def test_what_force_may_be_is_told(
        self, client: httpx.AsyncClient, lead: dict[str, Any]
    ) -> None:
        refused = await client.post(f"/leads/{lead['id']}/summarize?force=perhaps")

        assert refused.status_code == 400

    @pytest.mark.parametrize("field", ["phone", "company", "notes", "status", "name", "email"])
    async def test_a_change_makes_the_summary_stale(
        self, client: httpx.AsyncClient, system: System, lead: dict[str, Any], field: str
    ) -> None:
        other = {"status": "contacted", "email": "grace@other.example"}.get(field, "555")
        await client.patch(f"/leads/{lead['id']}", json={field: other})

        moved = await read(client, lead["id"])

        assert (moved["stale"], moved["stale_because"]) == (True, [f"{field} changed"])
        assert moved["summary"] == lead["summary"]
        assert (await client.post(f"/leads/{lead['id']}/summarize")).status_code == 202
        await work_off_summaries(system)
        assert (await read(client, lead["id"]))["stale"] is False

    async def test_an_activity_makes_the_summary_stale_and_its_list_says_so_too(
        self, client: httpx.AsyncClient, lead: dict[str, Any]
    ) -> None:
        for _ in range(2):
            await client.post(f"/leads/{lead['id']}/activities", json=NOTE)

        moved = await read(client, lead["id"])
        (listed,) = (await client.get("/leads")).json()["items"]

        assert moved["stale_because"] == listed["stale_because"] == ["2 new activities"]

    async def test_activities_are_evidence(self, client: httpx.AsyncClient, system: System) -> None:
        made = await create(client)
        activity = (await client.post(f"/leads/{made['id']}/activities", json=NOTE)).json()
        await client.post(f"/leads/{made['id']}/summarize")
        await work_off_summaries(system)

        insight = (await read(client, made["id"]))["insight"]

        evidence = {name for claim in insight["claims"] for name in claim["evidence"]}
        assert activity["id"] in evidence

    async def test_next_to_nothing_known_is_said_to_be_so(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        made = await create(client)
        await client.post(f"/leads/{made['id']}/summarize")
        await work_off_summaries(system)

        insight = (await read(client, made["id"]))["insight"]

        assert (insight["provider"], insight["confidence"]) == ("rules", "low")
        assert insight["missing"] == ["phone", "company", "job_title", "need"]

    async def test_of_a_deleted_lead_a_run_tells_no_insight(
        self, client: httpx.AsyncClient, lead: dict[str, Any]
    ) -> None:
        run = f"/leads/{lead['id']}/summaries/{lead['insight']['run_id']}"
        await client.delete(f"/leads/{lead['id']}")

        deleted = (await client.get(run)).json()
        await client.post(f"/leads/{lead['id']}/restore")
        restored = (await client.get(run)).json()

        assert (deleted["state"], deleted["insight"]) == ("succeeded", None)
        assert restored["insight"]["summary"] == lead["summary"]

    async def test_a_lead_without_a_summary_has_no_insight(self, client: httpx.AsyncClient) -> None:
        made = await create(client, company="Navy")

        assert (made["insight"], made["stale"], made["stale_because"]) == (None, False, [])


async def read(client: httpx.AsyncClient, lead_id: str) -> dict[str, Any]:
    lead: dict[str, Any] = (await client.get(f"/leads/{lead_id}")).json()
    return lead
