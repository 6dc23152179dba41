"""The API's promises, over the memory database."""

import httpx
import pytest

from tests.bad_requests import BadRequest
from tests.contracts.http_api import HttpApiContract
from tests.refusals import REFUSALS, a_lead_there, ask


class TestApiInMemory(HttpApiContract):
    @pytest.mark.parametrize("bad", REFUSALS, ids=lambda bad: bad.name)
    async def test_a_bad_request_is_refused_as_a_problem_and_stores_nothing(
        self, client: httpx.AsyncClient, bad: BadRequest
    ) -> None:
        lead_id = await a_lead_there(client)
        before = (await client.get("/leads")).json()

        response = await ask(client, bad, lead_id)

        problem = response.json()
        assert (response.status_code, problem["type"]) == (bad.status, bad.type)
        assert response.headers["content-type"] == "application/problem+json"
        assert problem["status"] == bad.status
        assert problem["request_id"] == response.headers["x-request-id"]
        assert problem["instance"] == response.request.url.path
        assert problem["title"]
        assert problem["detail"]
        pointers = [error["pointer"] for error in problem.get("errors", [])]
        assert sorted(pointers) == sorted(bad.pointers)
        assert (await client.get(problem["type"])).status_code == 200
        assert (await client.get("/leads")).json() == before
