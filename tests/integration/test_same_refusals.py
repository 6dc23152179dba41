"""What is refused is refused alike: every database gives the same answers to the letter."""

import json
from typing import TypeAlias

from tests.refusals import REFUSALS, a_lead_there, ask
from tests.systems import a_client, a_system

Answers: TypeAlias = dict[str, tuple[object, ...]]
TOLD = ("content-type", "retry-after", "etag", "allow", "accept-encoding", "connection")


async def _answers(environ: dict[str, str]) -> Answers:
    """Status, headers and body by the request's name, but for what differs with each request."""
    answers: Answers = {}
    async with a_system(environ) as system, a_client(system) as client:
        lead_id = await a_lead_there(client)
        before = (await client.get("/leads")).json()
        for bad in REFUSALS:
            response = await ask(client, bad, lead_id)
            body = json.loads(response.text.replace(lead_id, "{lead}"))
            assert body.pop("request_id") == response.headers["x-request-id"]
            headers = {name: response.headers.get(name) for name in TOLD}
            answers[bad.name] = (response.status_code, headers, body)
        assert (await client.get("/leads")).json() == before
    return answers


async def test_every_database_gives_the_same_answers(
    empty_sqlite_url: str, empty_postgres_url: str, fresh_redis_url: str
) -> None:
    on_sqlite = await _answers({"DATABASE_URL": empty_sqlite_url})
    on_postgres = await _answers({"DATABASE_URL": empty_postgres_url, "REDIS_URL": fresh_redis_url})
    in_memory = await _answers({})

    assert len(on_sqlite) == len(REFUSALS) >= 200
    assert {bad.name: on_sqlite[bad.name][0] for bad in REFUSALS} == {
        bad.name: bad.status for bad in REFUSALS
    }
    assert _differences(on_sqlite, on_postgres) == {}
    assert _differences(on_sqlite, in_memory) == {}
    print(f"{len(REFUSALS)} bad requests, answered alike on every database")


def _differences(ours: Answers, theirs: Answers) -> dict[str, object]:
    return {name: (answer, theirs[name]) for name, answer in ours.items() if answer != theirs[name]}
