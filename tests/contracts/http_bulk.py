"""Upserts and batches over any database: one fate for each row, in order, and no other."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from entrypoints.container import System
from tests.bad_requests import GOOD, JSON
from tests.contracts.http_api import SPELLINGS, create
from tests.systems import a_client

INVALID = {"name": "", "email": "nobody", "colour/size": "red"}


def a_row(number: int, **but: object) -> dict[str, object]:
    return {"name": f"Lead {number}", "email": f"lead{number}@example.com", **but}


async def send(client: httpx.AsyncClient, *rows: object, **but: object) -> dict[str, Any]:
    response = await client.post("/leads/batch", json={"leads": rows, **but})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    assert [result["row"] for result in answer["results"]] == list(range(len(rows)))
    assert sum(answer["counts"].values()) == len(rows)
    return answer


async def verdicts(client: httpx.AsyncClient, *rows: object, **but: object) -> list[str]:
    return [result["verdict"] for result in (await send(client, *rows, **but))["results"]]


async def leads_of(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    leads: list[dict[str, Any]] = (await client.get("/leads?limit=200")).json()["items"]
    return leads


async def events_of(client: httpx.AsyncClient, lead_id: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = (await client.get(f"/leads/{lead_id}/timeline")).json()["items"]
    return events[::-1]


class UpsertContract:
    """Inherit it with a `system` fixture."""

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client

    async def test_an_unknown_address_is_a_new_lead(self, client: httpx.AsyncClient) -> None:
        response = await client.post("/leads/upsert", json={**GOOD, "company": "Navy"})

        lead = response.json()
        assert response.status_code == 201
        assert response.headers["location"] == f"/leads/{lead['id']}"
        assert response.headers["etag"] == '"1"'
        assert (await client.get(response.headers["location"])).json() == lead
        (event,) = await events_of(client, lead["id"])
        assert (event["type"], event["by"]) == ("created", {"kind": "key", "id": "test"})

    @pytest.mark.parametrize("spelling", SPELLINGS)
    async def test_a_known_address_is_changed_where_something_was_named(
        self, client: httpx.AsyncClient, spelling: str
    ) -> None:
        lead = await create(client, company="Navy", notes="Old.", status="contacted")
        given = {"name": "Grace", "email": spelling, "notes": None, "phone": "+1 555 0100"}

        response = await client.post("/leads/upsert", json=given)

        changed = response.json()
        different = {key for key in lead if lead[key] != changed[key]}
        assert response.status_code == 200
        assert response.headers["etag"] == '"2"'
        assert "location" not in response.headers
        assert different == {"name", "notes", "phone", "updated_at", "version"}
        assert (changed["name"], changed["notes"]) == ("Grace", None)
        assert (await client.get(f"/leads/{lead['id']}")).json() == changed
        event = (await events_of(client, lead["id"]))[-1]
        assert (event["type"], event["by"]["id"]) == ("changed", "test")
        assert [change["field"] for change in event["changes"]] == ["name", "phone", "notes"]

    async def test_where_nothing_is_different_nothing_is_written(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client, company="Navy")

        response = await client.post("/leads/upsert", json={**GOOD, "company": " Navy "})

        assert (response.status_code, response.json()) == (200, lead)
        assert response.headers["etag"] == '"1"'
        assert len(await events_of(client, lead["id"])) == 1

    async def test_a_deleted_lead_does_not_hold_its_address(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)
        await client.delete(f"/leads/{lead['id']}")

        response = await client.post("/leads/upsert", json=GOOD)

        assert response.status_code == 201
        assert response.json()["id"] != lead["id"]

    @pytest.mark.parametrize("email", ["grace@example.com", "new@example.com"])
    async def test_an_external_id_of_another_lead_is_refused_with_its_holder(
        self, client: httpx.AsyncClient, email: str
    ) -> None:
        lead = await create(client)
        holder = await create(client, email="h@example.com", source="fair", external_id="7")
        given = {**GOOD, "email": email, "source": "fair", "external_id": "7"}

        response = await client.post("/leads/upsert", json=given)

        problem = response.json()
        assert (response.status_code, problem["type"]) == (409, "/problems/duplicate-lead")
        assert (problem["field"], problem["existing_id"]) == ("external_id", holder["id"])
        assert {lead["version"] for lead in await leads_of(client)} == {1}
        assert (await client.get(f"/leads/{lead['id']}")).json() == lead

    @pytest.mark.parametrize("known", [False, True])
    async def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(
        self, client: httpx.AsyncClient, known: bool
    ) -> None:
        leads = [await create(client)] if known else []
        given = {"email": GOOD["email"], "status": None, "source": None, "colour/size": 1}

        response = await client.post("/leads/upsert", json=given)

        assert (response.status_code, response.json()["type"]) == (422, "/problems/invalid-lead")
        pointers = {error["pointer"] for error in response.json()["errors"]}
        assert pointers == {"/name", "/status", "/source", "/colour~1size"}
        assert await leads_of(client) == leads


class BatchContract:
    """Inherit it with `client`."""

    async def test_each_new_row_becomes_a_lead(self, client: httpx.AsyncClient) -> None:
        rows = [a_row(n, source="fair", external_id=str(n), notes="Hm.") for n in range(3)]

        answer = await send(client, *rows)

        assert [result["verdict"] for result in answer["results"]] == ["created"] * 3
        assert answer["counts"] == {
            "created": 3, "updated": 0, "unchanged": 0, "duplicate": 0, "invalid": 0,
        }  # fmt: skip
        assert answer["dry_run"] is False
        for row, result in zip(rows, answer["results"], strict=True):
            lead = (await client.get(f"/leads/{result['id']}")).json()
            assert {key: lead[key] for key in row} == row
            assert lead["version"] == 1
            (event,) = await events_of(client, lead["id"])
            assert (event["type"], event["by"]) == ("created", {"kind": "key", "id": "test"})

    @pytest.mark.parametrize("mode", ["create", "upsert"])
    async def test_a_bad_row_sinks_nothing_and_is_told_every_broken_rule(
        self, client: httpx.AsyncClient, mode: str
    ) -> None:
        answer = await send(client, a_row(0), INVALID, "a string", a_row(1), mode=mode)

        first, broken, text, last = answer["results"]
        assert [first["verdict"], last["verdict"]] == ["created", "created"]
        assert [broken["verdict"], text["verdict"]] == ["invalid", "invalid"]
        assert [error["pointer"] for error in text["errors"]] == ["/leads/2"]
        pointers = sorted(error["pointer"] for error in broken["errors"])
        assert pointers == ["/leads/1/colour~1size", "/leads/1/email", "/leads/1/name"]
        assert all(error["code"] and error["detail"] for error in broken["errors"])
        assert [lead["email"] for lead in await leads_of(client)] == [
            "lead1@example.com", "lead0@example.com",
        ]  # fmt: skip

    async def test_what_is_taken_is_told_with_its_holder_and_left_alone(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client, source="fair", external_id="7")

        answer = await send(
            client,
            a_row(0, email=SPELLINGS[0]),
            a_row(1, source="fair", external_id="7"),
            a_row(2, source="web", external_id="7"),
        )

        told = [(r["verdict"], r["existing_id"], r["field"]) for r in answer["results"]]
        assert told[:2] == [
            ("duplicate", lead["id"], "email"), ("duplicate", lead["id"], "external_id"),
        ]  # fmt: skip
        assert told[2] == ("created", None, None)
        assert (await client.get(f"/leads/{lead['id']}")).json() == lead

    async def test_of_rows_with_one_address_the_first_is_the_lead(
        self, client: httpx.AsyncClient
    ) -> None:
        answer = await send(
            client,
            a_row(0, source="fair", external_id="7"),
            a_row(1, email="LEAD0@example.com"),
            a_row(2, source="fair", external_id="7"),
        )

        first, *others = answer["results"]
        assert [(r["verdict"], r["existing_id"], r["field"]) for r in others] == [
            ("duplicate", first["id"], "email"), ("duplicate", first["id"], "external_id"),
        ]  # fmt: skip
        assert [lead["name"] for lead in await leads_of(client)] == ["Lead 0"]

    async def test_a_bad_row_holds_no_address(self, client: httpx.AsyncClient) -> None:
        assert await verdicts(client, a_row(0, status="won"), a_row(0)) == ["invalid", "created"]

    async def test_the_address_of_a_deleted_lead_is_free(self, client: httpx.AsyncClient) -> None:
        lead = await create(client)
        await client.delete(f"/leads/{lead['id']}")

        assert await verdicts(client, GOOD, mode="create") == ["created"]

    async def test_an_upsert_changes_what_was_named(self, client: httpx.AsyncClient) -> None:
        lead = await create(client, company="Navy", notes="Old.")
        same = await create(client, email="same@example.com", company="ACME")

        answer = await send(
            client,
            {"name": "Grace", "email": SPELLINGS[0], "notes": None},
            {"name": GOOD["name"], "email": "same@example.com", "company": "ACME"},
            a_row(0),
            mode="upsert",
        )

        results = answer["results"]
        assert [r["verdict"] for r in results] == ["updated", "unchanged", "created"]
        assert [r["id"] for r in results[:2]] == [lead["id"], same["id"]]
        changed = (await client.get(f"/leads/{lead['id']}")).json()
        different = {key for key in lead if lead[key] != changed[key]}
        assert different == {"name", "notes", "updated_at", "version"}
        assert changed["version"] == 2
        assert (await client.get(f"/leads/{same['id']}")).json() == same
        assert [e["type"] for e in await events_of(client, same["id"])] == ["created"]
        event = (await events_of(client, lead["id"]))[-1]
        assert (event["type"], event["by"]["id"]) == ("changed", "test")
        assert [change["field"] for change in event["changes"]] == ["name", "notes"]

    async def test_rows_for_one_lead_are_one_change_of_it_the_last_word_counting(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)

        told = await verdicts(
            client,
            {**GOOD, "company": "Army", "phone": "1"},
            a_row(0, company="ACME"),
            {**GOOD, "company": "Navy"},
            a_row(0, company="Initech"),
            {**GOOD, "company": "Navy"},
            mode="upsert",
        )

        assert told == ["updated", "created", "updated", "updated", "unchanged"]
        changed = (await client.get(f"/leads/{lead['id']}")).json()
        assert (changed["company"], changed["phone"], changed["version"]) == ("Navy", "1", 2)
        new = (await leads_of(client))[0]
        assert (new["company"], new["version"]) == ("Initech", 1)
        assert [e["type"] for e in await events_of(client, lead["id"])] == ["created", "changed"]
        assert [e["type"] for e in await events_of(client, new["id"])] == ["created"]

    async def test_a_change_that_is_taken_back_within_the_batch_writes_nothing(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)

        rows = [{**GOOD, "company": company} for company in ("Navy", None)]

        assert await verdicts(client, *rows, mode="upsert") == ["updated", "updated"]
        assert await leads_of(client) == [lead]

    async def test_what_is_taken_before_a_batch_is_taken_for_all_of_it(
        self, client: httpx.AsyncClient
    ) -> None:
        holder = await create(client, source="fair", external_id="7")

        answer = await send(
            client,
            {**GOOD, "external_id": None},
            a_row(0, source="fair", external_id="7"),
            {**GOOD, "external_id": "8"},
            a_row(1, source="fair", external_id="8"),
            mode="upsert",
        )

        results = answer["results"]
        assert [r["verdict"] for r in results] == ["updated", "duplicate", "updated", "duplicate"]
        assert {r["existing_id"] for r in results if r["existing_id"]} == {holder["id"]}
        assert [(lead["id"], lead["external_id"]) for lead in await leads_of(client)] == [
            (holder["id"], "8")
        ]

    async def test_a_source_may_change_beside_the_external_id_of_the_lead(
        self, client: httpx.AsyncClient
    ) -> None:
        """Whose external id is taken shows only once the lead is known."""
        holder = await create(client, email="h@example.com", source="web", external_id="7")
        await create(client, source="fair", external_id="7")

        answer = await send(
            client,
            {**GOOD, "source": "web"},
            {**GOOD, "source": "web", "external_id": "9"},
            mode="upsert",
        )

        first, second = answer["results"]
        assert (first["verdict"], first["existing_id"]) == ("duplicate", holder["id"])
        assert first["field"] == "external_id"
        assert second["verdict"] == "updated"

    @pytest.mark.parametrize("mode", ["create", "upsert"])
    async def test_a_dry_run_tells_what_a_real_run_does_and_writes_nothing(
        self, client: httpx.AsyncClient, mode: str
    ) -> None:
        lead = await create(client)
        holder = await create(client, email="h@example.com", source="fair", external_id="7")
        before = await leads_of(client)
        rows: list[object] = [
            a_row(0, source="fair", external_id="8"),
            INVALID,
            {**GOOD, "company": "Navy"},
            {**GOOD, "company": "Navy"},
            a_row(0),
            a_row(1, source="fair", external_id="7"),
            a_row(2, source="fair", external_id="8"),
        ]

        dry = await send(client, *rows, mode=mode, dry_run=True)
        after = await leads_of(client)
        real = await send(client, *rows, mode=mode)

        new = {result["id"] for result in real["results"]} - {lead["id"]}
        for result in real["results"]:
            for key in ("id", "existing_id"):
                result[key] = None if result[key] in new else result[key]
        assert (dry["results"], dry["counts"]) == (real["results"], real["counts"])
        assert (dry["dry_run"], real["dry_run"]) == (True, False)
        assert dry["results"][5]["existing_id"] == holder["id"]
        assert after == before
        assert [e["type"] for e in await events_of(client, lead["id"])][:1] == ["created"]

    async def test_the_largest_batch_is_taken_in(self, client: httpx.AsyncClient) -> None:
        rows = [a_row(n, notes="\u20ac" * 500) for n in range(500)]

        answer = await send(client, *rows)
        again = await send(client, *rows, mode="upsert")

        assert answer["counts"]["created"] == 500
        assert again["counts"]["unchanged"] == 500
        assert [r["id"] for r in again["results"]] == [r["id"] for r in answer["results"]]

    async def test_batches_alone_may_be_large(self, client: httpx.AsyncClient) -> None:
        too_large = b'{"leads": "' + b"x" * 1024 * 1024 + b'"}'

        fits = await client.post("/leads/batch", content=too_large[:-20] + b'"}', headers=JSON)
        refused = await client.post("/leads/batch", content=too_large, headers=JSON)
        alone = await client.post("/leads", content=too_large[:70_000], headers=JSON)

        assert (fits.status_code, refused.status_code, alone.status_code) == (422, 413, 413)

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ([], [""]),
            ({}, ["/leads"]),
            ({"leads": None}, ["/leads"]),
            ({"leads": {}}, ["/leads"]),
            ({"leads": []}, ["/leads"]),
            ({"leads": [{}] * 501}, ["/leads"]),
            ({"leads": [GOOD], "mode": "replace"}, ["/mode"]),
            ({"leads": [GOOD], "mode": None}, ["/mode"]),
            ({"leads": [GOOD], "mode": ["create"]}, ["/mode"]),
            ({"leads": [GOOD], "dry_run": 1}, ["/dry_run"]),
            ({"leads": 1, "mode": 1, "dry_run": 1, "x": 1}, ["/dry_run", "/leads", "/mode", "/x"]),
        ],
    )
    async def test_a_batch_that_is_none_is_refused_whole(
        self, client: httpx.AsyncClient, body: object, pointers: list[str]
    ) -> None:
        response = await client.post("/leads/batch", json=body)

        assert response.status_code == 422
        assert sorted(error["pointer"] for error in response.json()["errors"]) == pointers
        assert await leads_of(client) == []


class HttpBulkContract(UpsertContract, BatchContract):
    """Inherit it with a `system` fixture."""
