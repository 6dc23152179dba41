"""An AI that invents: nothing of it is kept, and its bill is."""

import asyncio

from tests.fakes.gemini import KEY as GEMINI_KEY
from tests.fakes.gemini import FakeGemini
from tests.systems import a_client, a_system, work_off_summaries

LEADS = 60


async def test_nothing_that_is_invented_is_kept() -> None:
    with FakeGemini() as gemini:
        gemini.mood.misbehave("lying")
        environ = {
            "GEMINI_API_KEY": GEMINI_KEY,
            "GEMINI_BASE_URL": gemini.url,
            "CRM_SUMMARY_RETRY_BASE": "1 ms",
        }
        async with a_system(environ) as system, a_client(system) as client:
            rows = [
                {"name": "Ada Lovelace", "email": f"ada{n}@example.com", "company": "Engines"}
                for n in range(LEADS)
            ]
            made = (
                await client.post("/leads/batch", json={"leads": rows, "mode": "create"})
            ).json()
            runs = [
                (await client.post(f"/leads/{row['id']}/summarize")).headers["location"]
                for row in made["results"]
            ]
            while len(gemini.mood.calls) < 2 * LEADS:
                await work_off_summaries(system)
                await asyncio.sleep(0)
            leads = (await client.get("/leads?limit=200")).json()["items"]
            ended = [(await client.get(run)).json() for run in runs]

    assert {(lead["summary"], lead["next_action"], lead["insight"]) for lead in leads} == {
        (None, None, None)
    }
    assert {(run["state"], run["error"]["type"], run["attempts"]) for run in ended} == {
        ("failed", "ungrounded", 2)
    }
    assert all(run["input_tokens"] and run["insight"] is None for run in ended)
