"""What the API promises of lists of leads: filters, search, order, cursors, plain refusals."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from entrypoints.container import System
from tests.bad_requests import GOOD
from tests.systems import a_client

PLUS = "created_after must be a time like 2026-11-24T12:00:00Z, with an offset, and a + in a query"
STATUSES = "status must be one of: new, contacted, qualified, unqualified, converted"
REFUSED = [
    ("status=won", STATUSES),
    ("status=", STATUSES),
    ("status=NEW", STATUSES),
    ("status=new,contacted", STATUSES),
    ("status=new&status=contacted", "status: given more than once"),
    ("summary_status=done", "summary_status must be one of: none, processing, ready, failed"),
    ("sort=email", "sort must be one of: -created_at, created_at, -updated_at, updated_at, name"),
    ("sort=", "sort must be one of"),
    ("q=", "q must not be blank"),
    ("q=%20", "q must not be blank"),
    ("q=%E2%80%8B", "q must not be blank"),
    (f"q={'x' * 201}", "q is longer than 200 characters"),
    ("q=a%00b", "The query holds control characters"),
    ("q=a%0Ab", "The query holds control characters"),
    (f"source={'x' * 51}", "source is longer than 50 characters"),
    ("source=", "source must not be blank"),
    ("source=a%00b", "The query holds control characters"),
    ("created_after=yesterday", "created_after must be a time like"),
    ("created_after=2026-01-01", "created_after must be a time like"),
    ("created_after=2026-01-01T00:00:00", "with an offset"),
    ("created_after=1767225600", "created_after must be a time like"),
    ("created_after=2026-01-01T00:00:00+01:00", PLUS),
    ("created_before=0001-01-01T00:00:00%2B01:00", "created_before must be a time like"),
    ("updated_after=9999-12-31T23:59:59-01:00", "updated_after must be a time like"),
    ("q=&sort=x", "q must not be blank; sort must be one of"),
    ("limits=10", "did you mean `limit`?"),
    ("Limit=10", "did you mean `limit`?"),
    ("page_size=10", "did you mean `limit`?"),
    ("query=ada", "did you mean `q`?"),
    ("search=ada", "did you mean `q`?"),
    ("order_by=name", "did you mean `sort`?"),
    ("createdAfter=x", "did you mean `created_after`?"),
    ("sumary_status=x", "did you mean `summary_status`?"),
    ("offset=50", "did you mean `cursor`?"),
    ("since=x", "did you mean `updated_after`?"),
    ("colour=red", "known: limit, cursor, status, source"),
]
MOMENT = "2026-01-01T00:00:00Z"


async def create(client: httpx.AsyncClient, **but: object) -> dict[str, Any]:
    response = await client.post("/leads", json={**GOOD, **but})
    assert response.status_code == 201, response.text
    lead: dict[str, Any] = response.json()
    return lead


async def listed(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    response = await client.get("/leads", params=query)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


class HttpListsContract:
    """Inherit it with a `system` fixture."""

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client

    @pytest.mark.parametrize(("query", "detail"), REFUSED)
    async def test_a_parameter_that_makes_no_sense_is_refused_in_plain_words(
        self, client: httpx.AsyncClient, query: str, detail: str
    ) -> None:
        response = await client.get(f"/leads?{query}")

        problem = response.json()
        assert (response.status_code, problem["type"]) == (400, "/problems/bad-request")
        assert detail in problem["detail"]

    async def test_a_suggestion_names_only_what_the_route_knows(
        self, client: httpx.AsyncClient
    ) -> None:
        response = await client.get("/sync/runs?query=ada")

        assert response.json()["detail"].endswith("not known here (known: limit, cursor)")

    @pytest.mark.parametrize(
        "query",
        [
            {"status": "qualified"},
            {"source": "fair"},
            {"source": " fair "},
            {"summary_status": "processing"},
            {"q": "LOVELACE"},
            {"q": " lovelace "},
            {"q": "ada@", "status": "qualified", "source": "fair"},
        ],
    )
    async def test_a_filter_shows_what_it_names(
        self, client: httpx.AsyncClient, query: Mapping[str, str]
    ) -> None:
        await create(client)
        lead = await create(
            client,
            name="Ada Lovelace",
            email="ada@example.com",
            status="qualified",
            source="fair",
        )
        await client.post(f"/leads/{lead['id']}/summarize")

        assert [found["id"] for found in await listed(client, **query)] == [lead["id"]]

    async def test_times_are_never_included_themselves(self, client: httpx.AsyncClient) -> None:
        first = await create(client)
        second = await create(client, email="b@example.com")

        assert await listed(client, created_after=first["created_at"]) == [second]
        assert await listed(client, created_before=second["created_at"]) == [first]
        assert await listed(client, updated_after=second["updated_at"]) == []
        changed = (await client.patch(f"/leads/{first['id']}", json={"notes": "x"})).json()
        assert await listed(client, updated_after=second["updated_at"]) == [changed]

    async def test_a_span_that_ends_before_it_begins_is_empty(
        self, client: httpx.AsyncClient
    ) -> None:
        await create(client)

        assert (
            await listed(client, created_after="2999-01-01T00:00:00Z", created_before=MOMENT) == []
        )

    @pytest.mark.parametrize("sort", ["name", "-name", "updated_at", "-updated_at", "created_at"])
    async def test_a_walk_goes_on_by_its_own_sort(
        self, client: httpx.AsyncClient, sort: str
    ) -> None:
        names = ["Zo\u00eb", "ada", "\U0001f600", "Bob", "2026-01-01", "bob"]
        for n, name in enumerate(names):
            await create(client, name=name, email=f"lead{n}@example.com")
        whole = await listed(client, sort=sort)

        seen, query = [], {"sort": sort, "limit": "2"}
        while True:
            page = (await client.get("/leads", params=query)).json()
            seen += page["items"]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]

        assert seen == whole
        assert len({lead["id"] for lead in whole}) == len(names)

    async def test_a_cursor_may_go_on_with_another_limit_and_the_same_time_elsewhere(
        self, client: httpx.AsyncClient
    ) -> None:
        leads = [await create(client, email=f"lead{n}@example.com") for n in range(4)]
        query = {"created_after": MOMENT, "limit": "1"}
        cursor = (await client.get("/leads", params=query)).json()["next_cursor"]

        rest = await listed(
            client, created_after="2026-01-01T01:00:00+01:00", limit="9", cursor=cursor
        )

        assert rest == leads[2::-1]

    @pytest.mark.parametrize(
        "other",
        [
            {},
            {"q": "hop"},
            {"q": "grace", "status": "new"},
            {"q": "grace", "sort": "created_at"},
            {"q": "grace", "sort": "name"},
            {"q": "grace", "created_after": MOMENT},
        ],
    )
    async def test_a_cursor_of_another_filter_or_sort_is_refused(
        self, client: httpx.AsyncClient, other: Mapping[str, str]
    ) -> None:
        for n in range(2):
            await create(client, email=f"lead{n}@example.com")
        page = await client.get("/leads", params={"q": "grace", "limit": "1"})

        response = await client.get(
            "/leads", params={**other, "cursor": page.json()["next_cursor"]}
        )

        assert response.status_code == 400
        assert "another filter or sort" in response.json()["detail"]

    async def test_a_cursor_that_was_tampered_with_is_refused(
        self, client: httpx.AsyncClient
    ) -> None:
        for n in range(2):
            await create(client, email=f"lead{n}@example.com")
        cursor: str = (await client.get("/leads?limit=1")).json()["next_cursor"]

        for broken in (cursor[:-1], cursor[1:], cursor.swapcase(), f"{cursor}x"):
            assert (await client.get("/leads", params={"cursor": broken})).status_code == 400

    async def test_the_document_says_what_each_parameter_may_be(
        self, client: httpx.AsyncClient
    ) -> None:
        document = (await client.get("/openapi.json")).json()

        parameters = {p["name"]: p for p in document["paths"]["/leads"]["get"]["parameters"]}
        assert all(parameter["description"] for parameter in parameters.values())
        assert set(parameters) == {
            "limit", "cursor", "status", "source", "summary_status", "q", "created_after",
            "created_before", "updated_after", "sort",
        }  # fmt: skip
        schemas = {name: parameter["schema"] for name, parameter in parameters.items()}
        assert schemas["status"]["enum"][0] == "new"
        assert schemas["sort"]["default"] == "-created_at"
        assert (schemas["q"]["minLength"], schemas["q"]["maxLength"]) == (1, 200)
        assert schemas["updated_after"]["format"] == "date-time"
