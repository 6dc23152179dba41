"""The AI's budget: no cap is exceeded whoever reserves at once, and each call is counted once."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest

from domain.budget import DailyCaps, DayUsage, ModelUsage, Reservation, Settlement
from domain.insight import Usage
from tests.contracts.databases.recording import Database

DAY, NEXT_DAY = date(2026, 11, 24), date(2026, 11, 25)
NO_CAPS = DailyCaps()
CALL = Reservation(day=DAY, provider="gemini", model="flash", worst=Usage(900, 100), micros=1_000)
SETTLEMENT = Settlement(usage=Usage(700, 50), micros=640)


async def reserved(database: Database, call: Reservation = CALL, caps: DailyCaps = NO_CAPS) -> bool:
    async with database() as work:
        (has_room,) = await work.ai_budget.reserve_all([call], caps)
    return has_room


async def settled(
    database: Database, call: Reservation = CALL, settlement: Settlement = SETTLEMENT
) -> None:
    await reserved(database, call)
    async with database() as work:
        await work.ai_budget.settle_all([(call, settlement)])


async def usage_of(database: Database, day: date = DAY) -> DayUsage:
    async with database(reads_only=True) as work:
        return await work.ai_budget.usage(day)


class AiBudgetContract:
    async def test_a_day_without_calls_has_cost_nothing(self, database: Database) -> None:
        assert await usage_of(database) == DayUsage(day=DAY)

    async def test_a_reserved_call_is_counted_at_its_worst(self, database: Database) -> None:
        assert await reserved(database)

        assert await usage_of(database) == DayUsage(day=DAY, calls=1, reserved_micros=1_000)

    async def test_what_it_really_cost_takes_the_reservations_place(
        self, database: Database
    ) -> None:
        await settled(database)

        flash = ModelUsage(
            provider="gemini", model="flash", calls=1, input_tokens=700, output_tokens=50,
            micros=640,
        )  # fmt: skip
        assert await usage_of(database) == DayUsage(day=DAY, calls=1, micros=640, models=(flash,))

    async def test_many_calls_are_counted_as_one_by_one(self, database: Database) -> None:
        other = replace(CALL, model="pro", micros=500)
        tomorrow = replace(CALL, day=NEXT_DAY)
        calls = [CALL, CALL, other, tomorrow]
        async with database() as work:
            assert list(await work.ai_budget.reserve_all(calls, NO_CAPS)) == [True] * 4
        async with database() as work:
            await work.ai_budget.settle_all([(CALL, SETTLEMENT), (other, SETTLEMENT)])
            await work.ai_budget.release_all([CALL, tomorrow])

        today = await usage_of(database)
        assert (today.calls, today.micros, today.reserved_micros) == (2, 1_280, 0)
        assert [(model.model, model.calls) for model in today.models] == [("flash", 1), ("pro", 1)]
        assert await usage_of(database, NEXT_DAY) == DayUsage(day=NEXT_DAY)

    async def test_of_many_calls_those_are_made_that_a_cap_has_room_for(
        self, database: Database
    ) -> None:
        caps = DailyCaps(micros=2_500, calls=3)
        dear = replace(CALL, micros=2_000)

        async with database() as work:
            told = await work.ai_budget.reserve_all([CALL, dear, CALL, CALL], caps)

        assert list(told) == [True, False, True, False]
        assert (await usage_of(database)).reserved_micros == 2_000

    async def test_each_model_is_counted_by_itself_and_sorted_by_name(
        self, database: Database
    ) -> None:
        others = [replace(CALL, model="Pro"), replace(CALL, provider="Other"), CALL]
        for call in (CALL, *others):
            await settled(database, call)
        await settled(database, CALL, Settlement(usage=Usage(900, 0), micros=9, failed=True))

        found = await usage_of(database)

        assert [(each.provider, each.model, each.calls, each.failed) for each in found.models] == [
            ("Other", "flash", 1, 0),
            ("gemini", "Pro", 1, 0),
            ("gemini", "flash", 3, 1),
        ]
        flash = found.models[-1]
        assert (flash.input_tokens, flash.output_tokens, flash.micros) == (2_300, 100, 1_289)
        assert (found.calls, found.micros, found.reserved_micros) == (5, 2_569, 0)

    async def test_a_call_that_was_never_made_leaves_no_trace(self, database: Database) -> None:
        await reserved(database)
        async with database() as work:
            await work.ai_budget.release_all([CALL])

        assert await usage_of(database) == DayUsage(day=DAY)

    async def test_nothing_is_reserved_by_a_transaction_that_rolls_back(
        self, database: Database
    ) -> None:
        with suppress(ZeroDivisionError):
            async with database() as work:
                await work.ai_budget.reserve_all([CALL], NO_CAPS)
                raise ZeroDivisionError

        assert await usage_of(database) == DayUsage(day=DAY)

    @pytest.mark.parametrize(
        ("caps", "fits"),
        [
            (DailyCaps(micros=1_640), True),
            (DailyCaps(micros=1_639), False),
            (DailyCaps(calls=2), True),
            (DailyCaps(calls=1), False),
            (DailyCaps(micros=1_640, calls=1), False),
            (DailyCaps(micros=1_639, calls=2), False),
            (DailyCaps(calls=0), False),
        ],
        ids=str,
    )
    async def test_a_cap_lets_through_what_fits_to_the_last_bit(
        self, database: Database, caps: DailyCaps, fits: bool
    ) -> None:
        await settled(database)
        before = await usage_of(database)

        assert await reserved(database, caps=caps) is fits

        after = await usage_of(database)
        assert (after.calls, after.reserved_micros) == ((2, 1_000) if fits else (1, 0))
        assert after.micros == before.micros

    async def test_what_is_reserved_counts_against_the_cap(self, database: Database) -> None:
        caps = DailyCaps(micros=1_999)

        assert [await reserved(database, caps=caps) for _ in range(2)] == [True, False]

    async def test_each_day_has_its_own_caps(self, database: Database) -> None:
        caps = DailyCaps(micros=1_000, calls=1)
        await reserved(database)

        assert await reserved(database, replace(CALL, day=NEXT_DAY), caps)
        assert (await usage_of(database, NEXT_DAY)).calls == 1

    async def test_a_call_may_cost_more_than_was_feared_and_then_it_says_so(
        self, database: Database
    ) -> None:
        await settled(database, CALL, Settlement(usage=Usage(9_000, 0), micros=5_000_000_000))

        found = await usage_of(database)

        assert (found.micros, found.reserved_micros) == (5_000_000_000, 0)
        assert not await reserved(database, caps=DailyCaps(micros=5_000_000_999))

    @pytest.mark.parametrize(
        "caps", [DailyCaps(micros=7_999), DailyCaps(calls=7)], ids=["money", "calls"]
    )
    async def test_of_fifty_at_once_as_many_get_through_as_the_cap_has_room_for(
        self, database: Database, caps: DailyCaps
    ) -> None:
        got = await asyncio.gather(*(reserved(database, caps=caps) for _ in range(50)))

        assert got.count(True) == 7
        found = await usage_of(database)
        assert (found.calls, found.reserved_micros) == (7, 7_000)

    async def test_many_that_end_at_once_are_all_counted(self, database: Database) -> None:
        await asyncio.gather(*(settled(database) for _ in range(30)))

        found = await usage_of(database)

        assert (found.calls, found.micros, found.reserved_micros) == (30, 30 * 640, 0)
        assert [each.calls for each in found.models] == [30]
