"""Receipts: a key is taken by one transaction at a time, and its answer stands with the work."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports import Answer, KeptAnswer, KeyedRequest
from tests.contracts.databases.recording import Database

DAY, NO_TIME = timedelta(days=1), timedelta(0)
REQUEST = KeyedRequest(scope="somebody POST /leads", key="k-1", fingerprint="a1")
ANSWER = Answer(201, {"location": "/leads/1", "etag": '"1"'}, b'{"name":"Ren\xc3\xa9"}')
OTHERS = (
    replace(REQUEST, key="k-2"),
    replace(REQUEST, key="K-1"),
    replace(REQUEST, scope="somebody else POST /leads"),
)


async def answered(database: Database, request: KeyedRequest = REQUEST) -> None:
    async with database() as work:
        assert await work.receipts.claim(request, DAY) is None
        await work.receipts.keep(request, ANSWER)


async def claimed(
    database: Database, request: KeyedRequest = REQUEST, kept: timedelta = DAY
) -> KeptAnswer | None:
    async with database() as work:
        return await work.receipts.claim(request, kept)


class ReceiptsContract:
    async def test_an_answer_is_found_as_it_was_kept(self, database: Database) -> None:
        await answered(database)

        assert await claimed(database) == KeptAnswer("a1", ANSWER)

    async def test_another_request_with_the_key_finds_the_fingerprint_of_the_first(
        self, database: Database
    ) -> None:
        await answered(database)

        assert await claimed(database, replace(REQUEST, fingerprint="b2")) == (
            KeptAnswer("a1", ANSWER)
        )

    @pytest.mark.parametrize("other", OTHERS, ids=lambda other: f"{other.scope} {other.key}")
    async def test_another_key_or_scope_is_free(
        self, database: Database, other: KeyedRequest
    ) -> None:
        await answered(database)

        assert await claimed(database, other) is None

    async def test_nothing_is_kept_of_a_transaction_that_rolls_back(
        self, database: Database
    ) -> None:
        with suppress(ZeroDivisionError):
            async with database() as work:
                await work.receipts.claim(REQUEST, DAY)
                await work.receipts.keep(REQUEST, ANSWER)
                raise ZeroDivisionError

        assert await claimed(database) is None

    @pytest.mark.parametrize("ends_well", [True, False])
    async def test_who_comes_second_waits_for_the_first(
        self, database: Database, ends_well: bool
    ) -> None:
        taken, may_end = asyncio.Event(), asyncio.Event()

        async def first() -> None:
            async with database() as work:
                await work.receipts.claim(REQUEST, DAY)
                taken.set()
                await may_end.wait()
                await work.receipts.keep(REQUEST, ANSWER)
                if not ends_well:
                    raise ZeroDivisionError

        answering = asyncio.create_task(first())
        await taken.wait()
        asking = asyncio.create_task(claimed(database))
        # it cannot have ended, however long it is given
        await asyncio.wait({asking}, timeout=0.1)
        assert not asking.done()
        may_end.set()
        await asyncio.gather(answering, return_exceptions=True)

        assert await asking == (KeptAnswer("a1", ANSWER) if ends_well else None)

    async def test_a_key_is_free_again_when_its_time_is_over(self, database: Database) -> None:
        await answered(database)

        assert await claimed(database, kept=NO_TIME) is None

    async def test_a_key_that_is_used_again_after_its_time_is_kept_as_long_again(
        self, database: Database
    ) -> None:
        later, another = replace(REQUEST, fingerprint="b2"), replace(ANSWER, status=200)
        await answered(database)
        async with database() as work:
            await work.receipts.claim(later, NO_TIME)
            await work.receipts.keep(later, another)

        assert await claimed(database) == KeptAnswer("b2", another)

    async def test_old_answers_are_forgotten_so_many_at_a_time(self, database: Database) -> None:
        for request in (REQUEST, *OTHERS):
            await answered(database, request)

        gone = []
        for _ in range(3):
            async with database() as work:
                gone.append(await work.receipts.purge(NO_TIME, 3))

        assert gone == [3, 1, 0]
        assert [await claimed(database, request) for request in (REQUEST, *OTHERS)] == [None] * 4

    async def test_answers_whose_time_is_not_over_stay(self, database: Database) -> None:
        await answered(database)

        async with database() as work:
            assert await work.receipts.purge(DAY, 10) == 0

        assert await claimed(database) is not None
