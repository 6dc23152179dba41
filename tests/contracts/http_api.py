"""What the API promises over any database: the journey, the refusals, nothing half-written."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from entrypoints.container import System
from tests.bad_requests import GOOD, WRONG_KEYS
from tests.systems import a_client, work_off_summaries

SPELLINGS = [
    "GRACE@example.com",
    "Grace@Example.COM",
    "  grace@example.com ",
    "\uff27\uff32\uff21\uff23\uff25@example.com",
    "grace@\uff45xample.com",
]
UNICODE_SPELLINGS = ["ren\u00e9@b\u00fccher.example", "rene\u0301@xn--bcher-kva.example"]


async def create(client: httpx.AsyncClient, **but: object) -> dict[str, Any]:
    response = await client.post("/leads", json={**GOOD, **but})
    assert response.status_code == 201, response.text
    lead: dict[str, Any] = response.json()
    return lead


class HttpApiContract:
    """Inherit it with a `system` fixture."""

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client

    @pytest.mark.parametrize("headers", WRONG_KEYS)
    @pytest.mark.parametrize(
        ("method", "path"),
        [("POST", "/leads"), ("GET", "/no-such-path")],
    )
    async def test_without_the_right_key_nobody_gets_in(
        self, system: System, headers: dict[str, str], method: str, path: str
    ) -> None:
        async with a_client(system) as stranger:
            del stranger.headers["x-api-key"]
            response = await stranger.request(method, path, headers=headers, json=GOOD)

        assert response.status_code == 401
        assert response.json()["type"] == "/problems/unauthorized"

    async def test_a_created_lead_comes_back_whole(self, client: httpx.AsyncClient) -> None:
        given = {
            **GOOD,
            "phone": "+1 555 0100",
            "company": "Navy",
            "job_title": "Rear Admiral",
            "notes": "Asked for a demo.\nLikes \U0001f980.",
            "status": "contacted",
            "source": "fair",
            "external_id": "42",
        }

        response = await client.post("/leads", json=given)

        lead = response.json()
        assert response.status_code == 201
        assert response.headers["location"] == f"/leads/{lead['id']}"
        assert {key: lead[key] for key in given} == given
        assert lead["version"] == 1
        assert lead["created_at"] == lead["updated_at"]
        assert datetime.fromisoformat(lead["created_at"]).utcoffset() is not None
        assert (await client.get(response.headers["location"])).json() == lead

    async def test_a_new_lead_has_no_summary(self, client: httpx.AsyncClient) -> None:
        lead = await create(client)

        assert (lead["summary"], lead["next_action"], lead["summarized_at"]) == (None, None, None)
        assert lead["summary_status"] == "none"

    async def test_create_lead_is_an_alias(self, client: httpx.AsyncClient) -> None:
        response = await client.post("/create-lead", json=GOOD)

        assert response.status_code == 201

    @pytest.mark.parametrize("spelling", SPELLINGS)
    async def test_an_address_is_taken_in_every_spelling(
        self, client: httpx.AsyncClient, spelling: str
    ) -> None:
        lead = await create(client)

        response = await client.post("/leads", json={**GOOD, "email": spelling})

        problem = response.json()
        assert (response.status_code, problem["type"]) == (409, "/problems/duplicate-lead")
        assert (problem["existing_id"], problem["field"]) == (lead["id"], "email")

    async def test_an_address_is_taken_in_every_unicode_form(
        self, client: httpx.AsyncClient
    ) -> None:
        await create(client, email=UNICODE_SPELLINGS[0])

        response = await client.post("/leads", json={**GOOD, "email": UNICODE_SPELLINGS[1]})

        assert response.status_code == 409

    async def test_a_plus_tag_is_another_address(self, client: httpx.AsyncClient) -> None:
        await create(client)

        assert (await create(client, email="grace+crm@example.com"))["version"] == 1

    async def test_an_external_id_is_taken_once_per_source(self, client: httpx.AsyncClient) -> None:
        lead = await create(client, source="fair", external_id="7")

        same = {"email": "other@example.com", "external_id": "7"}
        taken = await client.post("/leads", json={**GOOD, **same, "source": "fair"})
        elsewhere = await client.post("/leads", json={**GOOD, **same, "source": "web"})

        assert (taken.status_code, taken.json()["existing_id"]) == (409, lead["id"])
        assert taken.json()["field"] == "external_id"
        assert elsewhere.status_code == 201

    async def test_a_walk_through_the_pages_shows_every_lead_once_newest_first(
        self, client: httpx.AsyncClient
    ) -> None:
        made = [(await create(client, email=f"lead{n}@example.com"))["id"] for n in range(7)]

        seen, cursor = [], None
        for _ in range(4):
            query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/leads", params=query)).json()
            seen += [lead["id"] for lead in page["items"]]
            cursor = page["next_cursor"]

        assert seen == made[::-1]
        assert cursor is None

    async def test_a_cursor_of_another_list_is_refused(self, client: httpx.AsyncClient) -> None:
        for n in range(2):
            await create(client, email=f"lead{n}@example.com")
        cursor = (await client.get("/leads?limit=1")).json()["next_cursor"]

        response = await client.get("/sync/runs", params={"cursor": cursor})

        assert response.status_code == 400

    async def test_a_summary_is_processing_at_once_and_filled_in_by_a_worker(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        lead = await create(client, company="Navy", notes="Asked for a demo.")

        asked = await client.post(f"/leads/{lead['id']}/summarize")
        waiting = (await client.get(f"/leads/{lead['id']}")).json()
        await work_off_summaries(system)
        done = (await client.get(f"/leads/{lead['id']}")).json()
        run = (await client.get(asked.headers["location"])).json()

        assert asked.status_code == 202
        assert asked.json()["status"] == "processing"
        assert asked.json()["lead_id"] == lead["id"]
        assert asked.headers["location"] == (
            f"/leads/{lead['id']}/summaries/{asked.json()['run_id']}"
        )
        assert (waiting["summary_status"], waiting["summary"]) == ("processing", None)
        assert done["summary_status"] == "ready"
        assert "Grace Hopper" in done["summary"]
        assert done["next_action"]
        assert done["summarized_at"]
        assert done["version"] == 3
        assert (run["state"], run["attempts"], run["provider"]) == ("succeeded", 1, "rules")
        assert run["error"] is None

    async def test_a_second_request_joins_the_open_run(self, client: httpx.AsyncClient) -> None:
        lead = await create(client)

        first = await client.post(f"/leads/{lead['id']}/summarize")
        second = await client.post(f"/leads/{lead['id']}/summarize")

        runs = (await client.get(f"/leads/{lead['id']}/summaries")).json()["items"]
        assert first.json()["run_id"] == second.json()["run_id"]
        assert [run["id"] for run in runs] == [first.json()["run_id"]]

    async def test_only_a_run_at_its_end_is_requeued(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        lead = await create(client)
        asked = await client.post(f"/leads/{lead['id']}/summarize")
        requeue = f"{asked.headers['location']}/requeue"

        early = await client.post(requeue)
        await work_off_summaries(system)
        again = await client.post(requeue)

        assert (early.status_code, early.json()["type"]) == (409, "/problems/summary-run-open")
        assert again.status_code == 202
        run = (await client.get(asked.headers["location"])).json()
        assert (run["state"], run["attempts"]) == ("pending", 0)

    async def test_a_sync_that_is_open_is_joined(self, client: httpx.AsyncClient) -> None:
        first = await client.post("/sync")
        second = await client.post("/sync?source=randomuser")

        assert (first.status_code, second.status_code) == (202, 202)
        assert first.json()["id"] == second.json()["id"]
        assert first.headers["location"] == f"/sync/runs/{first.json()['id']}"
        runs = (await client.get("/sync/runs")).json()["items"]
        assert [run["state"] for run in runs] == ["pending"]
