"""PATCH: what is named changes, all of it or nothing."""

import json
from typing import Any

import httpx
import pytest

from tests.bad_requests import GOOD, JSON, NOBODY
from tests.contracts.http_api import create

WHOLE = {
    "phone": "+1 555 0100",
    "company": "Navy",
    "job_title": "Rear Admiral",
    "notes": "Asked for a demo.",
    "status": "contacted",
    "source": "fair",
    "external_id": "42",
}
MERGE_PATCH = {"content-type": "application/merge-patch+json"}


async def shown(client: httpx.AsyncClient, lead: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/leads/{lead['id']}")).json()
    return found


class PatchContract:
    async def test_only_what_is_named_changes(self, client: httpx.AsyncClient) -> None:
        lead = await create(client, **WHOLE)

        response = await client.patch(f"/leads/{lead['id']}", json={"company": "Cobol Ltd"})

        changed = response.json()
        assert response.status_code == 200
        assert changed == {
            **lead,
            "company": "Cobol Ltd",
            "version": 2,
            "updated_at": changed["updated_at"],
        }
        assert changed["updated_at"] > lead["updated_at"]

    async def test_every_field_that_is_ones_own_can_be_changed(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)
        new = {**WHOLE, "name": "Grace B. Hopper", "email": "hopper@example.com"}

        changed = (await client.patch(f"/leads/{lead['id']}", json=new)).json()

        assert {name: changed[name] for name in new} == new

    async def test_null_and_blank_clear_what_may_be_null(self, client: httpx.AsyncClient) -> None:
        lead = await create(client, **WHOLE)
        cleared = {"phone": None, "company": None, "job_title": "", "notes": " "}

        response = await client.patch(f"/leads/{lead['id']}", json={**cleared, "external_id": None})

        assert response.status_code == 200
        assert {response.json()[name] for name in (*cleared, "external_id")} == {None}

    @pytest.mark.parametrize(
        ("changes", "pointers"),
        [
            (dict.fromkeys(("name", "email", "status", "source")), None),
            (dict.fromkeys(("name", "email", "status", "source"), ""), None),
            ({"source": " "}, None),
            ({"email": "nobody", "phone": "1" * 51, "status": "won", "notes": "a\x00"}, None),
            ({"id": NOBODY, "version": 7, "summary": "x", "summary_status": "ready"}, None),
            ({"created_at": None, "updated_at": None, "deleted_at": None}, None),
            ({"email_key": "x@example.com", "phone": 5, "colour": "red"}, None),
            ({"a/b~c": 1}, ["/a~1b~0c"]),
        ],
    )
    async def test_what_breaks_the_rules_is_told_all_at_once_and_changes_nothing(
        self, client: httpx.AsyncClient, changes: dict[str, object], pointers: list[str] | None
    ) -> None:
        lead = await create(client, **WHOLE)

        response = await client.patch(f"/leads/{lead['id']}", json={"company": "X", **changes})

        problem = response.json()
        assert (response.status_code, problem["type"]) == (422, "/problems/invalid-lead")
        told = sorted(error["pointer"] for error in problem["errors"])
        assert told == (pointers or sorted(f"/{name}" for name in changes))
        assert await shown(client, lead) == lead

    @pytest.mark.parametrize("body", ["[]", '"Ada"', "null", "5"])
    async def test_a_change_must_be_an_object(self, client: httpx.AsyncClient, body: str) -> None:
        lead = await create(client)

        response = await client.patch(f"/leads/{lead['id']}", content=body, headers=JSON)

        assert (response.status_code, response.json()["type"]) == (422, "/problems/invalid-lead")
        assert [error["pointer"] for error in response.json()["errors"]] == [""]

    @pytest.mark.parametrize(
        "changes",
        [{}, {"phone": "+1 555 0100"}, {"notes": None}, {"company": " Navy "}, {"status": "new"}],
    )
    async def test_a_change_that_changes_nothing_keeps_the_version_and_is_not_told(
        self, client: httpx.AsyncClient, changes: dict[str, object]
    ) -> None:
        lead = await create(client, phone="+1 555 0100", company="Navy")

        response = await client.patch(f"/leads/{lead['id']}", json=changes)

        assert (response.status_code, response.headers["etag"]) == (200, '"1"')
        assert response.json() == lead
        timeline = (await client.get(f"/leads/{lead['id']}/timeline")).json()["items"]
        assert [event["type"] for event in timeline] == ["created"]

    async def test_a_new_address_frees_the_old_one_and_takes_the_new_one(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)

        await client.patch(f"/leads/{lead['id']}", json={"email": "hopper@example.com"})

        assert (await client.post("/leads", json=GOOD)).status_code == 201
        taken = await client.post("/leads", json={**GOOD, "email": "HOPPER@example.com"})
        assert (taken.status_code, taken.json()["existing_id"]) == (409, lead["id"])

    @pytest.mark.parametrize(
        "spelling", ["ada@example.com", "ADA@Example.COM", "ad\uff41@example.com"]
    )
    async def test_an_address_of_another_is_refused_in_any_spelling(
        self, client: httpx.AsyncClient, spelling: str
    ) -> None:
        other = await create(client, email="ada@example.com")
        lead = await create(client)

        response = await client.patch(
            f"/leads/{lead['id']}", json={"email": spelling, "phone": "1"}
        )

        problem = response.json()
        assert (response.status_code, problem["type"]) == (409, "/problems/duplicate-lead")
        assert (problem["existing_id"], problem["field"]) == (other["id"], "email")
        assert await shown(client, lead) == lead

    async def test_ones_own_address_may_be_spelt_anew(self, client: httpx.AsyncClient) -> None:
        lead = await create(client)

        response = await client.patch(f"/leads/{lead['id']}", json={"email": "Grace@example.com"})

        assert (response.status_code, response.json()["email"]) == (200, "Grace@example.com")

    async def test_an_external_id_of_another_is_refused(self, client: httpx.AsyncClient) -> None:
        other = await create(client, email="ada@example.com", source="fair", external_id="7")
        lead = await create(client, source="fair")

        response = await client.patch(f"/leads/{lead['id']}", json={"external_id": "7"})

        problem = response.json()
        assert (response.status_code, problem["existing_id"]) == (409, other["id"])
        assert problem["field"] == "external_id"

    async def test_a_read_shows_a_change_at_once(self, client: httpx.AsyncClient) -> None:
        lead = await create(client)
        assert (await shown(client, lead))["version"] == 1

        for phone in ("1", "2", "3"):
            changed = (await client.patch(f"/leads/{lead['id']}", json={"phone": phone})).json()
            assert await shown(client, lead) == changed

    async def test_a_merge_patch_is_taken(self, client: httpx.AsyncClient) -> None:
        lead = await create(client, phone="1")
        body = json.dumps({"phone": None, "company": "Navy"})

        response = await client.patch(f"/leads/{lead['id']}", content=body, headers=MERGE_PATCH)

        assert response.status_code == 200
        assert (response.json()["phone"], response.json()["company"]) == (None, "Navy")

    @pytest.mark.parametrize("media_type", ["application/json-patch+json", "text/plain", ""])
    async def test_another_kind_of_patch_is_refused(
        self, client: httpx.AsyncClient, media_type: str
    ) -> None:
        lead = await create(client)
        headers = {"content-type": media_type}

        response = await client.patch(f"/leads/{lead['id']}", content="[]", headers=headers)

        assert (response.status_code, response.json()["type"]) == (415, "/problems/not-json")

    async def test_a_merge_patch_creates_nothing(self, client: httpx.AsyncClient) -> None:
        response = await client.post("/leads", content=json.dumps(GOOD), headers=MERGE_PATCH)

        assert response.status_code == 415

    async def test_nobody_cannot_be_changed(self, client: httpx.AsyncClient) -> None:
        response = await client.patch(f"/leads/{NOBODY}", json={"phone": "1"})

        assert (response.status_code, response.json()["type"]) == (404, "/problems/lead-not-found")
