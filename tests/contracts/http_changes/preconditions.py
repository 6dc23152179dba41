"""Entity tags: a client need not read what it has, nor overwrite what it has not seen."""

import httpx
import pytest

from entrypoints.container import System
from tests.bad_requests import GOOD
from tests.contracts.http_api import create
from tests.systems import a_client

MALFORMED = ["", "1", "'1'", '"1', '1"', '"1" "2"', '"1", 2', '*, "1"', '"1", *', 'w/"1"', '"a b"']


class PreconditionsContract:
    async def test_the_etag_is_the_version_wherever_a_lead_is_shown(
        self, client: httpx.AsyncClient
    ) -> None:
        created = await client.post("/leads", json=GOOD)
        path = created.headers["location"]

        read = await client.get(path)
        changed = await client.patch(path, json={"phone": "1"})
        again = await client.get(path)
        await client.delete(path)
        restored = await client.post(f"{path}/restore")

        answers = (created, read, changed, again, restored)
        assert [answer.headers["etag"] for answer in answers] == ['"1"', '"1"', '"2"', '"2"', '"4"']
        assert [answer.json()["version"] for answer in answers] == [1, 1, 2, 2, 4]

    @pytest.mark.parametrize(
        "tags", ['"1"', 'W/"1"', '"7", "1"', '"7",W/"1"', ' , "1" ,,', '"a,b", "1"', "*"]
    )
    async def test_what_the_client_has_is_not_sent_again(
        self, client: httpx.AsyncClient, tags: str
    ) -> None:
        lead = await create(client)

        response = await client.get(f"/leads/{lead['id']}", headers={"if-none-match": tags})

        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == '"1"'
        assert "content-type" not in response.headers

    @pytest.mark.parametrize("tags", ['"2"', '"01"', '"11"', '"a,1"', f'"{"9" * 5000}"'])
    async def test_what_the_client_has_not_is_sent(
        self, client: httpx.AsyncClient, tags: str
    ) -> None:
        lead = await create(client)

        response = await client.get(f"/leads/{lead['id']}", headers={"if-none-match": tags})

        assert (response.status_code, response.json()) == (200, lead)

    async def test_a_304_is_a_read_through_the_cache(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        lead = await create(client)
        await client.get(f"/leads/{lead['id']}")
        reads = system.crm.get_lead.lead_cache.reads
        before = dict(reads)

        response = await client.get(f"/leads/{lead['id']}", headers={"if-none-match": '"1"'})

        assert response.status_code == 304
        assert sum(reads.values()) == sum(before.values()) + 1

    async def test_after_a_change_the_old_tag_is_no_304_any_more(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)
        await client.patch(f"/leads/{lead['id']}", json={"phone": "1"})

        response = await client.get(f"/leads/{lead['id']}", headers={"if-none-match": '"1"'})

        assert (response.status_code, response.json()["phone"]) == (200, "1")

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    @pytest.mark.parametrize("tags", ['"1"', '"7", "1"', '"a,b" , "1",', "*"])
    async def test_a_change_meets_a_version_that_is_named(
        self, client: httpx.AsyncClient, method: str, tags: str
    ) -> None:
        lead = await create(client)
        body = {"phone": "1"} if method == "PATCH" else None

        response = await client.request(
            method, f"/leads/{lead['id']}", json=body, headers={"if-match": tags}
        )

        assert response.is_success

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    @pytest.mark.parametrize(
        "tags", ['"1"', 'W/"2"', '"02"', '"2.0"', '"1", "3"', '"1,2"', f'"{"9" * 5000}"']
    )
    async def test_a_change_of_another_version_is_refused_and_told_the_one_there_is(
        self, client: httpx.AsyncClient, method: str, tags: str
    ) -> None:
        lead = await create(client)
        changed = await client.patch(f"/leads/{lead['id']}", json={"phone": "1"})
        body = {"phone": "2"} if method == "PATCH" else None

        response = await client.request(
            method, f"/leads/{lead['id']}", json=body, headers={"if-match": tags}
        )

        problem = response.json()
        assert (response.status_code, problem["type"]) == (412, "/problems/lead-version-mismatch")
        assert response.headers["etag"] == '"2"'
        assert (await client.get(f"/leads/{lead['id']}")).json() == changed.json()

    async def test_what_makes_no_sense_is_refused_as_that_in_any_version(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)
        path, other = f"/leads/{lead['id']}", {"if-match": '"7"'}

        response = await client.patch(path, json={"status": "asleep"}, headers=other)

        assert response.status_code == 422

    async def test_a_list_may_come_in_several_lines(self, client: httpx.AsyncClient) -> None:
        lead = await create(client)
        lines = [("if-match", '"1"'), ("if-match", '"7"')]

        response = await client.patch(f"/leads/{lead['id']}", json={"phone": "1"}, headers=lines)

        assert response.status_code == 200

    async def test_a_change_that_changes_nothing_is_refused_too_where_the_lead_moved_on(
        self, client: httpx.AsyncClient
    ) -> None:
        lead = await create(client)
        await client.patch(f"/leads/{lead['id']}", json={"phone": "1"})

        response = await client.patch(
            f"/leads/{lead['id']}", json={"phone": "1"}, headers={"if-match": '"1"'}
        )

        assert response.status_code == 412

    @pytest.mark.parametrize("tags", MALFORMED)
    @pytest.mark.parametrize(
        ("method", "header"),
        [("GET", "if-none-match"), ("PATCH", "if-match"), ("DELETE", "if-match")],
    )
    async def test_malformed_tags_are_refused(
        self, client: httpx.AsyncClient, method: str, header: str, tags: str
    ) -> None:
        lead = await create(client)
        body = {"phone": "1"} if method == "PATCH" else None

        response = await client.request(
            method, f"/leads/{lead['id']}", json=body, headers={header: tags}
        )

        assert (response.status_code, response.json()["type"]) == (400, "/problems/bad-request")
        assert (await client.get(f"/leads/{lead['id']}")).json() == lead

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    async def test_where_it_is_required_no_change_goes_without_a_tag(
        self, system: System, method: str
    ) -> None:
        async with a_client(system, require_if_match=True) as client:
            lead = await create(client)
            path, body = f"/leads/{lead['id']}", {"phone": "1"} if method == "PATCH" else None

            without = await client.request(method, path, json=body)
            unchanged = (await client.get(path)).json()
            tagged = await client.request(method, path, json=body, headers={"if-match": '"1"'})

        problem = without.json()
        assert (without.status_code, problem["type"]) == (428, "/problems/precondition-required")
        assert "If-Match" in problem["detail"]
        assert unchanged == lead
        assert tagged.is_success
