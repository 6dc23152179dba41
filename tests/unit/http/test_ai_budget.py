"""What happens at the door when the AI may cost no more today."""

import httpx
import pytest

from tests.contracts.http_api import create
from tests.systems import a_client, a_system

SPENT = {"CRM_AI_DAILY_CALLS": "0", "GEMINI_API_KEY": "key-for-tests"}
RICH = {"CRM_AI_DAILY_COST": "0.001", "CRM_AI_PRICES": "m=9000/9000", "GEMINI_MODEL": "m"}


async def asked(environ: dict[str, str], **lead: object) -> httpx.Response:
    async with a_system(environ) as system, a_client(system) as client:
        made = await create(client, **lead)
        return await client.post(f"/leads/{made['id']}/summarize")


@pytest.mark.parametrize("spent", [SPENT, {**RICH, "GEMINI_API_KEY": "key-for-tests"}])
async def test_a_budget_that_is_used_up_is_told_and_until_when(spent: dict[str, str]) -> None:
    refused = await asked(spent, company="Navy")

    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/ai-budget-exhausted")
    assert 0 < int(refused.headers["retry-after"]) <= 86_400


async def test_many_at_once_are_refused_if_none_of_them_can_be_paid() -> None:
    async with a_system(SPENT) as system, a_client(system) as client:
        await create(client, company="Navy")
        refused = await client.post("/leads/summarize", json={})
        await create(client, email="sparse@example.com")
        accepted = await client.post("/leads/summarize", json={})

    assert refused.status_code == 429
    assert (accepted.status_code, accepted.json()["queued"]) == (202, 2)


async def test_a_refused_request_leaves_nothing_behind() -> None:
    async with a_system(SPENT) as system, a_client(system) as client:
        made = await create(client, company="Navy")
        await client.post(f"/leads/{made['id']}/summarize")

        runs = (await client.get(f"/leads/{made['id']}/summaries")).json()["items"]
        lead = (await client.get(f"/leads/{made['id']}")).json()

    assert (runs, lead["summary_status"], lead["version"]) == ([], "none", 1)


async def test_where_the_rules_may_stand_in_nobody_is_refused() -> None:
    accepted = await asked({**SPENT, "CRM_SUMMARIZER": "gemini,rules"}, company="Navy")

    assert accepted.status_code == 202


async def test_what_is_shown_to_no_model_is_not_refused() -> None:
    assert (await asked(SPENT)).status_code == 202
