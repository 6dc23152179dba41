"""What the API promises of the AI's usage: a day's calls and money, to the micro-dollar."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import httpx
import pytest

from application.spending import Spending
from domain.budget import DailyCaps, Price
from domain.errors import FailureType
from domain.insight import Usage
from entrypoints.container import System
from tests.systems import a_client

DAY = date(2026, 11, 24)
NOTHING = {
    "day": "2026-11-24", "calls": 0, "failed": 0, "input_tokens": 0, "output_tokens": 0,
    "cost_usd": "0.000000", "reserved_usd": "0.000000",
    "caps": {"calls": 3, "cost_usd": "5.000001"},
    "remaining": {"calls": 3, "cost_usd": "5.000001"},
    "resets_at": "2026-11-25T00:00:00Z", "models": [],
}  # fmt: skip
CAPS = {"CRM_AI_DAILY_CALLS": "3", "CRM_AI_DAILY_COST": "5.000001"}
"""The settings of the fixture `system`."""


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, 12, tzinfo=UTC)


class HttpAiContract:
    """Inherit it with a `system` fixture that has `CAPS` set."""

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client

    @pytest.fixture
    def spending(self, system: System) -> Spending:
        """As a worker spends, on that day."""
        prices = {"flash": Price(1_000_000, 2_000_000), "mini": Price(500_000, 0)}
        return Spending(system.crm.create_lead.unit_of_work, Noon(), prices, DailyCaps())

    async def test_a_day_without_calls_is_all_noughts(self, client: httpx.AsyncClient) -> None:
        response = await client.get("/ai/usage?day=2026-11-24")

        assert (response.status_code, response.json()) == (200, NOTHING)

    async def test_calls_are_told_by_model_with_what_they_cost(
        self, client: httpx.AsyncClient, spending: Spending
    ) -> None:
        worst = Usage(1_000, 200)
        for model, usage, failure in (
            ("mini", Usage(999, 10), None),
            ("flash", Usage(700, 50), FailureType.SCHEMA),
        ):
            call = await spending.reserve("gemini", model, worst)
            await spending.settle(call, usage, failure)
        await spending.reserve("gemini", "flash", worst)

        told = (await client.get("/ai/usage?day=2026-11-24")).json()

        assert told == {
            **NOTHING,
            "calls": 3,
            "failed": 1,
            "input_tokens": 1_699,
            "output_tokens": 60,
            "cost_usd": "0.001300",
            "reserved_usd": "0.001400",
            "remaining": {"calls": 0, "cost_usd": "4.997301"},
            "models": [
                {
                    "provider": "gemini", "model": "flash", "calls": 1, "failed": 1,
                    "input_tokens": 700, "output_tokens": 50, "cost_usd": "0.000800",
                },
                {
                    "provider": "gemini", "model": "mini", "calls": 1, "failed": 0,
                    "input_tokens": 999, "output_tokens": 10, "cost_usd": "0.000500",
                },
            ],
        }  # fmt: skip

    async def test_what_was_spent_beyond_the_caps_leaves_nothing(
        self, client: httpx.AsyncClient, spending: Spending
    ) -> None:
        for _ in range(4):
            await spending.reserve("gemini", "flash", Usage(2_000_000, 0))

        told = (await client.get("/ai/usage?day=2026-11-24")).json()

        assert (told["calls"], told["reserved_usd"]) == (4, "8.000000")
        assert told["remaining"] == {"calls": 0, "cost_usd": "0.000000"}

    async def test_it_is_todays_unless_told(self, client: httpx.AsyncClient) -> None:
        before = datetime.now(UTC).date()
        told = (await client.get("/ai/usage")).json()
        after = datetime.now(UTC).date()

        assert told["day"] in {before.isoformat(), after.isoformat()}

    @pytest.mark.parametrize(
        "day",
        ["", "yesterday", "20261124", "2026-W48-2", "2026-11-31", "2026-11-24T00:00:00Z",
         "2026-1-1", "9999-12-31", "\u0662026-11-24"],
    )  # fmt: skip
    async def test_a_day_that_makes_no_sense_is_refused(
        self, client: httpx.AsyncClient, day: str
    ) -> None:
        response = await client.get("/ai/usage", params={"day": day})

        assert (response.status_code, response.json()["type"]) == (400, "/problems/bad-request")
        assert response.json()["detail"] == "day must be a date like 2026-11-25"

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-30"])
    async def test_any_other_day_may_be_asked_for(
        self, client: httpx.AsyncClient, day: str
    ) -> None:
        response = await client.get("/ai/usage", params={"day": day})

        assert (response.status_code, response.json()["day"]) == (200, day)

    async def test_it_needs_the_key(self, client: httpx.AsyncClient) -> None:
        del client.headers["x-api-key"]

        assert (await client.get("/ai/usage")).status_code == 401
