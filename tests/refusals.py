"""Every request that must be refused, and how one is asked."""

import httpx

from tests.bad_changes import BAD_CHANGES
from tests.bad_messages import BAD_MESSAGES
from tests.bad_requests import BAD_REQUESTS, BadRequest

REFUSALS = [*BAD_REQUESTS, *BAD_MESSAGES, *BAD_CHANGES]
TAKEN = {"name": "Ada Lovelace", "email": "taken@example.com"}


async def a_lead_there(client: httpx.AsyncClient) -> str:
    """The id of the lead that some of the requests are about."""
    response = await client.post("/leads", json=TAKEN)
    return str(response.json()["id"])


async def ask(client: httpx.AsyncClient, bad: BadRequest, lead_id: str) -> httpx.Response:
    path = bad.path.replace("{lead}", lead_id)
    return await client.request(bad.method, path, content=bad.body, headers=bad.headers)
