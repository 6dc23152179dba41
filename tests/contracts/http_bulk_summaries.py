"""Summaries of many leads over HTTP: each lead asked for once, and how far they are."""

from typing import Any

import httpx
import pytest

from entrypoints.container import System
from tests.bad_requests import GOOD, NOBODY
from tests.contracts.http_api import create
from tests.systems import work_off_summaries

COUNTS = ("matched", "queued", "joined", "unchanged")


async def ask(client: httpx.AsyncClient, **body: object) -> dict[str, Any]:
    response = await client.post("/leads/summarize", json=body)
    assert response.status_code == 202, response.text
    bulk: dict[str, Any] = response.json()
    return bulk


async def counts(client: httpx.AsyncClient, **body: object) -> tuple[int, ...]:
    """`matched`, `queued`, `joined` and `unchanged`."""
    bulk = await ask(client, **body)
    return tuple(bulk[name] for name in COUNTS)


async def some_leads(client: httpx.AsyncClient, count: int, **but: object) -> list[str]:
    """Their ids, oldest first."""
    rows = [{**GOOD, "email": f"g{n}@example.com", **but} for n in range(count)]
    answer = await client.post("/leads/batch", json={"leads": rows})
    return [result["id"] for result in answer.json()["results"]]


async def runs_of(client: httpx.AsyncClient, lead_id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get(f"/leads/{lead_id}/summaries")).json()["items"]
    return items


class BulkSummariesHttpContract:
    """Inherit it with `system` and `client`."""

    async def test_each_lead_gets_a_run_and_is_seen_to_wait_for_it(
        self, client: httpx.AsyncClient
    ) -> None:
        leads = await some_leads(client, 3)
        # what stands in the cache is not to stay there
        before = [(await client.get(f"/leads/{lead}")).json() for lead in leads]

        response = await client.post("/leads/summarize", json={})

        bulk = response.json()
        assert response.status_code == 202
        assert response.headers["location"] == f"/summaries/bulk/{bulk['id']}"
        assert [bulk[name] for name in COUNTS] == [3, 3, 0, 0]
        assert (bulk["state"], bulk["more"], bulk["next_cursor"]) == ("processing", False, None)
        assert bulk["progress"] == {
            "pending": 3, "running": 0, "succeeded": 0, "failed": 0, "blocked": 0,
        }  # fmt: skip
        assert (await client.get(response.headers["location"])).json() == bulk
        for lead in before:
            after = (await client.get(f"/leads/{lead['id']}")).json()
            assert (after["summary_status"], after["version"]) == ("processing", 2)
            assert [run["state"] for run in await runs_of(client, lead["id"])] == ["pending"]

    async def test_a_request_is_finished_with_its_last_run(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        leads = await some_leads(client, 3)
        bulk = await ask(client)
        await client.delete(f"/leads/{leads[0]}")

        before = (await client.get(f"/summaries/bulk/{bulk['id']}")).json()
        await work_off_summaries(system)
        after = (await client.get(f"/summaries/bulk/{bulk['id']}")).json()

        assert (before["state"], before["progress"]["pending"]) == ("processing", 2)
        assert after["state"] == "finished"
        assert (after["progress"]["succeeded"], after["progress"]["failed"]) == (2, 1)
        assert [after[name] for name in COUNTS] == [3, 3, 0, 0]

    async def test_an_open_run_is_joined(self, client: httpx.AsyncClient, system: System) -> None:
        leads = await some_leads(client, 3)
        await client.post(f"/leads/{leads[0]}/summarize")

        first, second = await ask(client), await ask(client, force=True)

        assert [first[name] for name in COUNTS] == [3, 2, 1, 0]
        assert [second[name] for name in COUNTS] == [3, 0, 3, 0]
        assert first["progress"]["pending"] == second["progress"]["pending"] == 3
        assert [len(await runs_of(client, lead)) for lead in leads] == [1, 1, 1]
        await work_off_summaries(system)
        joined = (await client.get(f"/summaries/bulk/{second['id']}")).json()
        assert (joined["state"], joined["progress"]["succeeded"]) == ("finished", 3)

    async def test_a_summary_that_is_still_true_costs_nothing(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        leads = await some_leads(client, 3)
        await ask(client)
        await work_off_summaries(system)
        unchanged = (await client.get(f"/leads/{leads[0]}")).json()
        await client.patch(f"/leads/{leads[1]}", json={"phone": "1"})

        bulk = await ask(client)

        assert [bulk[name] for name in COUNTS] == [3, 1, 0, 2]
        assert bulk["progress"]["pending"] == 1
        assert [len(await runs_of(client, lead)) for lead in leads] == [1, 2, 1]
        assert (await client.get(f"/leads/{leads[0]}")).json() == unchanged

    async def test_nothing_to_do_is_finished_at_once(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        nobody = await ask(client)
        await some_leads(client, 1)
        await ask(client)
        await work_off_summaries(system)
        nothing = await ask(client)

        assert (nobody["state"], nothing["state"]) == ("finished", "finished")
        assert [nothing[name] for name in COUNTS] == [1, 0, 0, 1]

    async def test_a_whole_number_may_be_written_with_a_point(
        self, client: httpx.AsyncClient
    ) -> None:
        await some_leads(client, 2)

        assert await counts(client, limit=1.0) == (1, 1, 0, 0)

    async def test_force_asks_again(self, client: httpx.AsyncClient, system: System) -> None:
        leads = await some_leads(client, 2)
        await ask(client)
        await work_off_summaries(system)

        assert await counts(client, force=True) == (2, 2, 0, 0)
        assert [len(await runs_of(client, lead)) for lead in leads] == [2, 2]

    async def test_only_stale_leaves_out_who_has_no_summary_or_a_true_one(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        leads = await some_leads(client, 2)
        await ask(client)
        await work_off_summaries(system)
        await create(client, email="new@example.com")
        await client.patch(f"/leads/{leads[1]}", json={"phone": "1"})

        assert await counts(client, only_stale=True, force=True) == (1, 1, 0, 0)
        assert await counts(client, only_stale=True) == (1, 0, 1, 0)
        assert [len(await runs_of(client, lead)) for lead in leads] == [1, 2]

    @pytest.mark.parametrize(
        "wanted",
        [
            {"status": "qualified"},
            {"source": "fair"},
            {"q": "HOPP"},
            {"created_after": "2020-01-01T00:00:00+01:00", "source": "fair"},
            {"updated_after": "2020-01-01T00:00:00Z", "status": "qualified", "q": "grace"},
            {"summary_status": "none", "q": "wanted@"},
        ],
    )
    async def test_a_filter_is_that_of_the_list(
        self, client: httpx.AsyncClient, wanted: dict[str, str]
    ) -> None:
        lead = await create(client, email="wanted@example.com", status="qualified", source="fair")
        await create(client, email="b@example.com", name="Bob")

        assert await counts(client, filter=wanted) == (1, 1, 0, 0)
        listed = (await client.get("/leads", params={"summary_status": "processing"})).json()
        assert [item["id"] for item in listed["items"]] == [lead["id"]]

    @pytest.mark.parametrize(
        "nobody",
        [
            {"created_before": "2020-01-01T00:00:00Z"},
            {"created_after": "2199-01-01T00:00:00Z"},
            {"summary_status": "ready"},
        ],
    )
    async def test_a_filter_may_match_nobody(
        self, client: httpx.AsyncClient, nobody: dict[str, str]
    ) -> None:
        await some_leads(client, 1)

        assert await counts(client, filter=nobody) == (0, 0, 0, 0)

    async def test_a_walk_asks_for_every_lead_once_the_newest_first(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        leads = await some_leads(client, 7)
        wanted = {"source": "manual"}
        bulk = await ask(client, filter=wanted, limit=3, force=True)
        first = {run["lead_id"] for lead in leads for run in await runs_of(client, lead)}
        steps = [bulk]
        while bulk["more"]:
            # those that were asked for before are at their end, and do not come again
            await work_off_summaries(system)
            cursor = bulk["next_cursor"]
            bulk = await ask(client, filter=wanted, limit=3, force=True, cursor=cursor)
            steps.append(bulk)

        listed = (await client.get("/leads", params={"limit": "3"})).json()["items"]
        assert first == {lead["id"] for lead in listed}
        assert [step["queued"] for step in steps] == [3, 3, 1]
        assert [len(await runs_of(client, lead)) for lead in leads] == [1] * 7
        read = (await client.get(f"/summaries/bulk/{steps[0]['id']}")).json()
        assert read["next_cursor"] == steps[0]["next_cursor"]

    async def test_a_cursor_goes_on_in_its_own_list_only(self, client: httpx.AsyncClient) -> None:
        await some_leads(client, 2)
        cursor = (await ask(client, limit=1))["next_cursor"]

        told = []
        for body in ({"cursor": cursor, "filter": {"q": "g"}}, {"cursor": "made up"}):
            response = await client.post("/leads/summarize", json=body)
            told.append((response.status_code, response.json()["type"]))

        assert told == [(400, "/problems/bad-request")] * 2

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ([], [""]),
            ({"leads": []}, ["/leads"]),
            ({"limit": 0}, ["/limit"]),
            ({"limit": 1001}, ["/limit"]),
            ({"limit": True}, ["/limit"]),
            ({"limit": 1.5}, ["/limit"]),
            ({"limit": 10**400}, ["/limit"]),
            ({"limit": 1e300}, ["/limit"]),
            ({"limit": None, "force": 1, "only_stale": "no"}, ["/force", "/limit", "/only_stale"]),
            ({"cursor": 7}, ["/cursor"]),
            ({"filter": None}, ["/filter"]),
            ({"filter": []}, ["/filter"]),
            ({"filter": {"sort": "name"}}, ["/filter/sort"]),
            ({"filter": {"status": "won", "q": ""}}, ["/filter/q", "/filter/status"]),
            ({"filter": {"status": ["new"], "q": 1}}, ["/filter/q", "/filter/status"]),
            ({"filter": {"status": None, "a/b": 1}}, ["/filter/a~1b", "/filter/status"]),
            ({"filter": {"source": " ", "summary_status": "bad"}, "limit": -1},
             ["/filter/source", "/filter/summary_status", "/limit"]),
            ({"filter": {"created_after": "yesterday", "created_before": 7,
                         "updated_after": "2026-11-24T12:00:00"}},
             ["/filter/created_after", "/filter/created_before", "/filter/updated_after"]),
        ],
    )  # fmt: skip
    async def test_all_that_is_wrong_is_told_at_once_and_nothing_is_asked_for(
        self, client: httpx.AsyncClient, body: object, pointers: list[str]
    ) -> None:
        (lead,) = await some_leads(client, 1)

        response = await client.post("/leads/summarize", json=body)

        told = (response.status_code, response.json()["type"])
        assert told == (422, "/problems/invalid-bulk-summary")
        assert sorted(error["pointer"] for error in response.json()["errors"]) == pointers
        assert await runs_of(client, lead) == []

    async def test_an_unknown_request_is_not_found(self, client: httpx.AsyncClient) -> None:
        paths = (f"/summaries/bulk/{NOBODY}", "/summaries/bulk/7", "/summaries/bulk", "/summaries")
        responses = [await client.get(path) for path in paths]

        assert [(r.status_code, r.json()["type"]) for r in responses] == [
            (404, "/problems/bulk-summary-not-found"),
            *[(404, "/problems/not-found")] * 3,
        ]

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("GET", "/leads/summarize", {"POST", "OPTIONS"}),
            ("DELETE", "/leads/summarize", {"POST", "OPTIONS"}),
            ("POST", f"/summaries/bulk/{NOBODY}", {"GET", "OPTIONS"}),
        ],
    )
    async def test_the_paths_are_nobodys_ids(
        self, client: httpx.AsyncClient, method: str, path: str, allowed: set[str]
    ) -> None:
        response = await client.request(method, path, json={})

        assert response.status_code == 405
        assert set(response.headers["allow"].split(", ")) - {"HEAD"} == allowed
