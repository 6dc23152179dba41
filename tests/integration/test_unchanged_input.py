"""A thousand leads, summarised twice: what has not moved is not paid for again."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from entrypoints.container import System
from tests.fakes.gemini import KEY as GEMINI_KEY
from tests.fakes.gemini import FakeGemini
from tests.systems import a_client, a_system, work_off_summaries

LEADS = 1_000


@pytest.fixture(params=["memory", pytest.param("sqlite", marks=pytest.mark.chaos)])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return "memory://"
    url: str = request.getfixturevalue("empty_sqlite_url")
    return url


@pytest.fixture
async def gemini() -> AsyncIterator[FakeGemini]:
    with FakeGemini() as gemini:
        yield gemini


@pytest.fixture
async def system(url: str, gemini: FakeGemini) -> AsyncIterator[System]:
    environ = {
        "DATABASE_URL": url,
        "CRM_SUMMARIZER": "gemini",
        "GEMINI_API_KEY": GEMINI_KEY,
        "GEMINI_BASE_URL": gemini.url,
    }
    async with a_system(environ) as system:
        yield system


async def take_in(client: httpx.AsyncClient) -> list[str]:
    """The ids of the leads; of each enough is known to ask a model."""
    ids: list[str] = []
    for start in range(0, LEADS, 500):
        rows = [
            {"name": "Grace Hopper", "email": f"g{n}@example.com", "company": "Navy"}
            for n in range(start, start + 500)
        ]
        answer = await client.post("/leads/batch", json={"leads": rows})
        ids += [result["id"] for result in answer.json()["results"]]
    return ids


async def summarized(client: httpx.AsyncClient, system: System) -> dict[str, Any]:
    """The bulk summary of all leads, at its end."""
    asked = await client.post("/leads/summarize", json={"limit": LEADS})
    await work_off_summaries(system)
    bulk: dict[str, Any] = (await client.get(asked.headers["location"])).json()
    return bulk


async def test_only_what_has_moved_is_asked_for_again(system: System, gemini: FakeGemini) -> None:
    async with a_client(system) as client:
        ids = await take_in(client)

        first = await summarized(client, system)
        calls = [len(gemini.mood.calls)]
        second = await summarized(client, system)
        calls.append(len(gemini.mood.calls))
        await client.patch(f"/leads/{ids[LEADS // 2]}", json={"phone": "+1 555 0100"})
        third = await summarized(client, system)
        calls.append(len(gemini.mood.calls))

    print(f"{LEADS} leads: {calls[0]} calls, then {calls[1] - calls[0]}, then 1 lead changed: "
          f"{calls[2] - calls[1]}")  # fmt: skip
    assert calls == [LEADS, LEADS, LEADS + 1]
    assert (first["queued"], first["progress"]["succeeded"]) == (LEADS, LEADS)
    assert (second["queued"], second["unchanged"], second["state"]) == (0, LEADS, "finished")
    assert (third["queued"], third["unchanged"]) == (1, LEADS - 1)
    assert gemini.mood.calls[-1].facts["phone"] == "+1 555 0100"
