"""What is refused is refused alike: SQLite and PostgreSQL give the same answers to the letter."""

import json

from tests.refusals import REFUSALS, a_lead_there, ask
from tests.systems import a_client, a_system

TOLD = ("content-type", "retry-after", "etag", "allow", "accept-encoding", "connection")


async def _answers(environ: dict[str, str]) -> dict[str, tuple[object, ...]]:
    """Status, headers and body by the request's name, but for what differs with each request."""
    answers: dict[str, tuple[object, ...]] = {}
    async with a_system(environ) as system, a_client(system) as client:
        lead_id = await a_lead_there(client)
        for bad in REFUSALS:
            response = await ask(client, bad, lead_id)
            body = json.loads(response.text.replace(lead_id, "{lead}"))
            assert body.pop("request_id") == response.headers["x-request-id"]
            headers = {name: response.headers.get(name) for name in TOLD}
            answers[bad.name] = (response.status_code, headers, body)
    return answers


async def test_both_databases_give_the_same_answers(
    empty_sqlite_url: str, empty_postgres_url: str, fresh_redis_url: str
) -> None:
    on_sqlite = await _answers({"DATABASE_URL": empty_sqlite_url})
    on_postgres = await _answers({"DATABASE_URL": empty_postgres_url, "REDIS_URL": fresh_redis_url})

    assert len(on_sqlite) == len(REFUSALS) >= 200
    different = {
        name: (answer, on_postgres[name])
        for name, answer in on_sqlite.items()
        if answer != on_postgres[name]
    }
    assert different == {}
    print(f"{len(REFUSALS)} bad requests, answered alike on both databases")
