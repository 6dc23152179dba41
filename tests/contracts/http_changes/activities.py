"""Activities: what people did with a lead, in their own words."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.bad_requests import JSON, NOBODY
from tests.contracts.http_api import create

NOTE = {"type": "note", "text": "Asked for a demo."}
BAD_TIMES = [
    "2026-01-01T10:00:00",
    "2026-01-01",
    "2026-W01-1T10:00:00Z",
    "20260101T100000Z",
    "2026-01-01T10:00Z",
    "2026-01-01T10:00:00+01",
    "2026-01-01T10:00:00+0100",
    "2026-02-30T10:00:00Z",
    "2026-01-01T10:00:00+24:00",
    "0001-01-01T00:00:00+14:00",
    "yesterday",
    "",
    1767261600,
    True,
]


class ActivitiesContract:
    async def test_an_activity_is_kept_and_listed(self, client: httpx.AsyncClient) -> None:
        lead = await create(client)
        given = {"type": "call", "text": "  Zo\u00eb: \u00abyes\u00bb \U0001f980\n\ttomorrow  "}

        response = await client.post(f"/leads/{lead['id']}/activities", json=given)

        activity = response.json()
        assert response.status_code == 201
        assert activity["text"] == given["text"].strip()
        assert (activity["type"], activity["lead_id"]) == ("call", lead["id"])
        assert activity["by"] == {"kind": "key", "id": "test"}
        listed = (await client.get(f"/leads/{lead['id']}/activities")).json()
        assert listed == {"items": [activity], "next_cursor": None}

    async def test_it_happened_now_unless_told(self, client: httpx.AsyncClient) -> None:
        lead = await create(client)

        for given in (NOTE, {**NOTE, "occurred_at": None}):
            activity = (await client.post(f"/leads/{lead['id']}/activities", json=given)).json()
            assert activity["occurred_at"] == activity["created_at"]

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("2026-01-01T10:00:00+02:00", "2026-01-01T08:00:00Z"),
            ("2026-01-01t10:00:00.25z", "2026-01-01T10:00:00.250000Z"),
            ("1999-12-31 23:59:59-00:30", "2000-01-01T00:29:59Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ],
    )
    async def test_a_time_is_kept_in_utc(
        self, client: httpx.AsyncClient, given: str, kept: str
    ) -> None:
        lead = await create(client)
        body = {**NOTE, "occurred_at": given}

        response = await client.post(f"/leads/{lead['id']}/activities", json=body)

        assert response.status_code == 201
        listed = (await client.get(f"/leads/{lead['id']}/activities")).json()["items"]
        assert [response.json()["occurred_at"], listed[0]["occurred_at"]] == [kept, kept]

    @pytest.mark.parametrize("given", BAD_TIMES)
    async def test_what_is_no_time_with_an_offset_is_refused(
        self, client: httpx.AsyncClient, given: object
    ) -> None:
        lead = await create(client)
        body = {**NOTE, "occurred_at": given}

        response = await client.post(f"/leads/{lead['id']}/activities", json=body)

        problem = response.json()
        assert (response.status_code, problem["type"]) == (422, "/problems/invalid-activity")
        assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/occurred_at", "time")]

    async def test_what_lies_more_than_a_day_ahead_is_refused(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)
        now = datetime.now(UTC)

        statuses = []
        for ahead in (timedelta(hours=23), timedelta(hours=25)):
            body = {**NOTE, "occurred_at": (now + ahead).isoformat()}
            answer = await client.post(f"/leads/{lead['id']}/activities", json=body)
            statuses.append(answer.status_code)

        assert statuses == [201, 422]

    @pytest.mark.parametrize(
        ("given", "pointers"),
        [
            ({}, ["/text", "/type"]),
            ({"type": None, "text": None}, ["/text", "/type"]),
            ({"type": "fax", "text": " "}, ["/text", "/type"]),
            ({"type": "NOTE", "text": "a\x00b"}, ["/text", "/type"]),
            ({**NOTE, "text": "\x1b[31m"}, ["/text"]),
            ({**NOTE, "text": "x" * 10_001}, ["/text"]),
            ({**NOTE, "text": ["Hello."]}, ["/text"]),
            ({**NOTE, "id": NOBODY, "by": "me", "created_at": None}, ["/by", "/created_at", "/id"]),
            ({"type": 1, "occurred_at": "x", "a": 1}, ["/a", "/occurred_at", "/text", "/type"]),
            ([], [""]),
            ("note", [""]),
            (None, [""]),
        ],
    )
    async def test_what_breaks_the_rules_is_told_all_at_once_and_not_kept(
        self, client: httpx.AsyncClient, given: object, pointers: list[str]
    ) -> None:
        lead = await create(client)
        path = f"/leads/{lead['id']}/activities"

        response = await client.post(path, content=json.dumps(given), headers=JSON)

        problem = response.json()
        assert (response.status_code, problem["type"]) == (422, "/problems/invalid-activity")
        assert sorted(error["pointer"] for error in problem["errors"]) == pointers
        assert (await client.get(path)).json()["items"] == []

    async def test_they_are_listed_newest_first_by_cursor(self, client: httpx.AsyncClient) -> None:
        lead = await create(client)
        path = f"/leads/{lead['id']}/activities"
        made = [
            (await client.post(path, json={**NOTE, "text": f"Note {n}."})).json() for n in range(5)
        ]

        seen, cursor = [], None
        for _ in range(3):
            query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(path, params=query)).json()
            seen += page["items"]
            cursor = page["next_cursor"]

        assert seen == made[::-1]
        assert cursor is None

    async def test_an_activity_is_a_change_of_the_lead(self, client: httpx.AsyncClient) -> None:
        lead = await create(client)

        await client.post(f"/leads/{lead['id']}/activities", json=NOTE)

        after = (await client.get(f"/leads/{lead['id']}")).json()
        assert after["version"] == lead["version"] + 1
        assert {k: v for k, v in after.items() if k not in {"version", "updated_at"}} == {
            k: v for k, v in lead.items() if k not in {"version", "updated_at"}
        }

    @pytest.mark.parametrize("method", ["GET", "POST"])
    async def test_nobody_has_no_activities(self, client: httpx.AsyncClient, method: str) -> None:
        body = NOTE if method == "POST" else None

        response = await client.request(method, f"/leads/{NOBODY}/activities", json=body)

        assert (response.status_code, response.json()["type"]) == (404, "/problems/lead-not-found")
