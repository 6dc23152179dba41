"""DELETE and restore: gone for everybody and in nobody's way, and back as it was."""

from typing import Any

import httpx
import pytest

from entrypoints.container import System
from tests.bad_requests import GOOD, NOBODY
from tests.contracts.http_api import create
from tests.systems import work_off_summaries


async def deleted(client: httpx.AsyncClient, **but: object) -> dict[str, Any]:
    lead = await create(client, **but)
    response = await client.delete(f"/leads/{lead['id']}")
    assert (response.status_code, response.content) == (204, b"")
    return lead


class DeletionContract:
    @pytest.mark.parametrize(
        ("method", "under", "body"),
        [
            ("GET", "", None),
            ("PATCH", "", {"phone": "1"}),
            ("DELETE", "", None),
            ("POST", "/summarize", None),
            ("GET", "/summaries", None),
            ("GET", "/timeline", None),
            ("GET", "/activities", None),
            ("POST", "/activities", {"type": "note", "text": "Hello."}),
        ],
    )
    async def test_a_deleted_lead_is_not_found_nor_what_is_under_it(
        self, client: httpx.AsyncClient, method: str, under: str, body: object
    ) -> None:
        lead = await deleted(client)

        response = await client.request(method, f"/leads/{lead['id']}{under}", json=body)

        assert (response.status_code, response.json()["type"]) == (404, "/problems/lead-not-found")

    async def test_a_list_does_not_show_a_deleted_lead(self, client: httpx.AsyncClient) -> None:
        await deleted(client)
        other = await create(client, email="ada@example.com")

        assert (await client.get("/leads")).json()["items"] == [other]

    async def test_a_lead_that_was_read_a_moment_ago_is_gone_at_once(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)
        path = f"/leads/{lead['id']}"
        for _ in range(3):
            assert (await client.get(path)).status_code == 200

        await client.delete(path)

        seen = [await client.get(path, headers={"if-none-match": '"1"'}) for _ in range(3)]
        assert [response.status_code for response in seen] == [404] * 3

    async def test_the_address_and_the_external_id_are_free(
        self, client: httpx.AsyncClient
    ) -> None:
        keys = {"source": "fair", "external_id": "7"}
        lead = await deleted(client, **keys)

        assert (await create(client, **keys))["id"] != lead["id"]

    async def test_nobody_cannot_be_deleted(self, client: httpx.AsyncClient) -> None:
        assert (await client.delete(f"/leads/{NOBODY}")).status_code == 404

    async def test_a_restored_lead_is_back_as_it_was(self, client: httpx.AsyncClient) -> None:
        lead = await deleted(client, phone="1", company="Navy")
        path = f"/leads/{lead['id']}"
        assert (await client.get(path)).status_code == 404

        response = await client.post(f"{path}/restore")

        restored = response.json()
        assert (response.status_code, response.headers["etag"]) == (200, '"3"')
        assert restored == {**lead, "version": 3, "updated_at": restored["updated_at"]}
        assert (await client.get(path)).json() == restored
        assert (await client.get("/leads")).json()["items"] == [restored]
        assert (await client.post("/leads", json=GOOD)).json()["existing_id"] == lead["id"]

    @pytest.mark.parametrize(
        ("field", "other"),
        [("email", {"email": "GRACE@example.com"}), ("external_id", {"email": "a@example.com"})],
    )
    async def test_a_lead_whose_key_is_taken_by_now_is_not_restored(
        self, client: httpx.AsyncClient, field: str, other: dict[str, object]
    ) -> None:
        keys: dict[str, object] = {"source": "fair", "external_id": "7"}
        lead = await deleted(client, **keys)
        taker = await create(client, **other, **({} if field == "email" else keys))

        response = await client.post(f"/leads/{lead['id']}/restore")

        problem = response.json()
        assert (response.status_code, problem["type"]) == (409, "/problems/duplicate-lead")
        assert (problem["existing_id"], problem["field"]) == (taker["id"], field)
        assert (await client.get(f"/leads/{lead['id']}")).status_code == 404

    async def test_a_lead_that_was_not_deleted_is_answered_as_it_is(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)

        response = await client.post(f"/leads/{lead['id']}/restore")

        assert (response.status_code, response.json()) == (200, lead)
        timeline = (await client.get(f"/leads/{lead['id']}/timeline")).json()["items"]
        assert [event["type"] for event in timeline] == ["created"]

    async def test_nobody_cannot_be_restored(self, client: httpx.AsyncClient) -> None:
        response = await client.post(f"/leads/{NOBODY}/restore")

        assert (response.status_code, response.json()["type"]) == (404, "/problems/lead-not-found")

    async def test_a_run_that_is_open_ends_with_its_lead(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        lead = await create(client)
        asked = await client.post(f"/leads/{lead['id']}/summarize")

        await client.delete(f"/leads/{lead['id']}")

        run = (await client.get(asked.headers["location"])).json()
        assert (run["state"], run["error"]["type"], run["attempts"]) == ("failed", "deleted", 0)
        assert run["finished_at"]
        assert await system.crm.run_summaries.claim(1, system.summaries.pace.lease) == []

    async def test_an_answer_for_a_lead_that_was_deleted_meanwhile_is_dropped(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        lead = await create(client)
        asked = await client.post(f"/leads/{lead['id']}/summarize")
        work = system.crm.run_summaries
        (held,) = await work.claim(1, system.summaries.pace.lease)
        await client.delete(f"/leads/{lead['id']}")
        await client.post(f"/leads/{lead['id']}/restore")

        await work.perform(held)

        run = (await client.get(asked.headers["location"])).json()
        assert (run["state"], run["error"]["type"]) == ("failed", "deleted")
        assert (await client.get(f"/leads/{lead['id']}")).json()["summary"] is None

    async def test_a_lead_restored_from_amid_a_run_is_not_processing_and_can_be_summarised(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        lead = await create(client)
        asked = await client.post(f"/leads/{lead['id']}/summarize")
        await client.delete(f"/leads/{lead['id']}")

        restored = (await client.post(f"/leads/{lead['id']}/restore")).json()
        again = await client.post(f"/leads/{lead['id']}/summarize")
        await work_off_summaries(system)

        assert restored["summary_status"] == "failed"
        assert again.json()["run_id"] != asked.json()["run_id"]
        assert (await client.get(f"/leads/{lead['id']}")).json()["summary_status"] == "ready"

    async def test_a_run_of_a_restored_lead_can_be_requeued_but_not_of_a_deleted_one(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        lead = await create(client)
        asked = await client.post(f"/leads/{lead['id']}/summarize")
        await client.delete(f"/leads/{lead['id']}")

        early = await client.post(f"{asked.headers['location']}/requeue")
        await client.post(f"/leads/{lead['id']}/restore")
        again = await client.post(f"{asked.headers['location']}/requeue")
        await work_off_summaries(system)

        assert (early.status_code, again.status_code) == (404, 202)
        assert (await client.get(f"/leads/{lead['id']}")).json()["summary_status"] == "ready"

    async def test_a_summary_outlives_deletion_and_restoring(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        lead = await create(client)
        await client.post(f"/leads/{lead['id']}/summarize")
        await work_off_summaries(system)
        ready = (await client.get(f"/leads/{lead['id']}")).json()
        await client.delete(f"/leads/{lead['id']}")

        restored = (await client.post(f"/leads/{lead['id']}/restore")).json()

        same = ("summary", "next_action", "summary_status", "summarized_at")
        assert {name: restored[name] for name in same} == {name: ready[name] for name in same}
