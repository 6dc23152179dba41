"""The timeline: everything that happened to a lead, by whom, newest first."""

from typing import Any

import httpx
import pytest

from domain.incoming import IncomingLead
from entrypoints.container import System
from tests.bad_requests import GOOD, NOBODY
from tests.contracts.http_api import create
from tests.systems import work_off_summaries

OUR_KEY = {"kind": "key", "id": "test"}


async def timeline_of(client: httpx.AsyncClient, lead_id: str) -> list[dict[str, Any]]:
    response = await client.get(f"/leads/{lead_id}/timeline")
    assert response.status_code == 200
    items: list[dict[str, Any]] = response.json()["items"]
    return items


class TimelineContract:
    async def test_what_was_done_by_key_is_told_newest_first(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)
        path = f"/leads/{lead['id']}"
        await client.patch(path, json={"phone": "1", "status": "contacted"})
        await client.delete(path)
        await client.post(f"{path}/restore")
        activity = await client.post(f"{path}/activities", json={"type": "note", "text": "Hello."})

        events = await timeline_of(client, lead["id"])

        told = [event["type"] for event in events]
        assert told == ["activity", "restored", "deleted", "changed", "created"]
        assert [event["by"] for event in events] == [OUR_KEY] * 5
        assert [event["subject"] for event in events] == [activity.json()["id"], *[None] * 4]
        assert events[-1]["created_at"] == lead["created_at"]
        times = [event["created_at"] for event in events]
        assert times == sorted(times, reverse=True)

    async def test_a_change_tells_each_field_from_and_to(self, client: httpx.AsyncClient) -> None:
        lead = await create(client, company="Navy")
        changes = {"company": None, "phone": "1", "status": "qualified", "name": GOOD["name"]}

        await client.patch(f"/leads/{lead['id']}", json=changes)

        assert (await timeline_of(client, lead["id"]))[0]["changes"] == [
            {"field": "phone", "from": None, "to": "1"},
            {"field": "company", "from": "Navy", "to": None},
            {"field": "status", "from": "new", "to": "qualified"},
        ]

    async def test_a_refused_change_is_not_told(self, client: httpx.AsyncClient) -> None:
        await create(client, email="ada@example.com")
        lead = await create(client)
        path = f"/leads/{lead['id']}"

        await client.patch(path, json={"email": "ada@example.com"})
        await client.patch(path, json={"status": "won"})
        await client.patch(path, json={"phone": "1"}, headers={"if-match": '"7"'})
        await client.delete(path, headers={"if-match": '"7"'})

        assert [event["type"] for event in await timeline_of(client, lead["id"])] == ["created"]

    async def test_a_summary_is_told_by_its_ai_and_names_its_run(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        lead = await create(client)
        asked = await client.post(f"/leads/{lead['id']}/summarize")
        await work_off_summaries(system)

        event = (await timeline_of(client, lead["id"]))[0]

        assert (event["type"], event["by"]) == ("summarized", {"kind": "ai", "id": "rules"})
        assert event["subject"] == asked.json()["run_id"]

    async def test_what_a_source_brought_and_filled_is_told_by_its_name(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        merge, row = system.crm.run_syncs.merge_leads, {**GOOD, "external_id": "7"}
        await merge("fair", [IncomingLead(row)])
        await merge("fair", [IncomingLead({**row, "phone": "1"})])
        await merge("fair", [IncomingLead({**row, "phone": "2"})])
        (lead,) = (await client.get("/leads")).json()["items"]

        synced, created = await timeline_of(client, lead["id"])

        assert (synced["type"], created["type"]) == ("synced", "created")
        assert synced["by"] == created["by"] == {"kind": "source", "id": "fair"}
        assert synced["changes"] == [{"field": "phone", "from": None, "to": "1"}]

    async def test_a_walk_by_cursor_shows_every_event_once(self, client: httpx.AsyncClient) -> None:
        lead = await create(client)
        for n in range(6):
            await client.patch(f"/leads/{lead['id']}", json={"phone": str(n)})

        seen, cursor = [], None
        for _ in range(4):
            query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(f"/leads/{lead['id']}/timeline", params=query)).json()
            seen += page["items"]
            cursor = page["next_cursor"]

        assert seen == await timeline_of(client, lead["id"])
        assert len(seen) == 7
        assert cursor is None

    @pytest.mark.parametrize("other", ["timeline", "activities"])
    async def test_a_cursor_of_another_leads_history_is_refused(
        self, client: httpx.AsyncClient, other: str
    ) -> None:
        lead, stranger = await create(client), await create(client, email="ada@example.com")
        await client.patch(f"/leads/{lead['id']}", json={"phone": "1"})
        page = (await client.get(f"/leads/{lead['id']}/timeline?limit=1")).json()

        response = await client.get(
            f"/leads/{stranger['id']}/{other}", params={"cursor": page["next_cursor"]}
        )

        assert response.status_code == 400

    async def test_nobody_has_no_timeline(self, client: httpx.AsyncClient) -> None:
        response = await client.get(f"/leads/{NOBODY}/timeline")

        assert (response.status_code, response.json()["type"]) == (404, "/problems/lead-not-found")
