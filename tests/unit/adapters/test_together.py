"""Who asks at one moment is answered by one statement, and never with what stood before."""

import asyncio
from collections.abc import Collection, Mapping

import pytest

from adapters.databases.sql import together
from adapters.databases.sql.together import Together
from domain.errors import DatabaseUnavailable


class Store:
    """Answers each statement when it is let, with the values that stood when it was sent."""

    def __init__(self) -> None:
        self.values: dict[int, str] = {}
        self.asked: list[set[int]] = []
        self.sent: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()

    async def ask(self, keys: Collection[int]) -> Mapping[int, str]:
        self.asked.append(set(keys))
        found = {key: self.values[key] for key in keys if key in self.values}
        go_on: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sent.put_nowait(go_on)
        await go_on
        return found


async def test_those_who_ask_at_one_moment_share_a_statement() -> None:
    store = Store()
    store.values = {1: "a", 2: "b"}
    find = Together(store.ask, 1).find

    answers = [find(key) for key in (1, 2, 2, 3)]
    (await store.sent.get()).set_result(None)

    assert await asyncio.gather(*answers) == ["a", "b", "b", None]
    assert store.asked == [{1, 2, 3}]


async def test_one_that_is_on_its_way_is_not_asked_for_what_came_later() -> None:
    store = Store()
    store.values = {1: "old"}
    find = Together(store.ask, 1).find
    before = find(1)
    on_its_way = await store.sent.get()

    store.values[1] = "new"
    after = find(1)
    on_its_way.set_result(None)
    (await store.sent.get()).set_result(None)

    assert (await before, await after) == ("old", "new")


async def test_no_more_are_on_their_way_than_may_be() -> None:
    store = Store()
    find = Together(store.ask, 2).find
    answers = []
    for key in range(5):
        answers.append(find(key))
        await asyncio.sleep(0)

    for _ in range(3):
        (await store.sent.get()).set_result(None)
    await asyncio.gather(*answers)

    assert store.asked == [{0}, {1}, {2, 3, 4}]


async def test_a_statement_asks_for_so_many_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST", 2)
    store = Store()
    find = Together(store.ask, 1).find

    answers = [find(key) for key in range(3)]
    for _ in range(2):
        (await store.sent.get()).set_result(None)
    await asyncio.gather(*answers)

    assert store.asked == [{0, 1}, {2}]


async def test_who_gives_up_takes_the_answer_from_nobody() -> None:
    store = Store()
    store.values = {1: "a"}
    find = Together(store.ask, 1).find

    hasty, patient = find(1), find(1)
    hasty.cancel()
    (await store.sent.get()).set_result(None)

    assert await patient == "a"


@pytest.mark.parametrize(("slow", "told"), [(-1.0, 3), (60.0, 2)])
async def test_who_waits_behind_a_slow_failure_is_told_of_it(
    monkeypatch: pytest.MonkeyPatch, slow: float, told: int
) -> None:
    """Or it would wait for as long again, on a database that is away."""
    monkeypatch.setattr(together, "SLOW_SECONDS", slow)
    store = Store()
    find = Together(store.ask, 1).find
    answers = [find(1), find(2)]
    on_its_way = await store.sent.get()
    answers.append(find(3))

    on_its_way.set_exception(DatabaseUnavailable("away"))
    if told < len(answers):
        (await store.sent.get()).set_result(None)
    async with asyncio.timeout(5):
        found = await asyncio.gather(*answers, return_exceptions=True)

    assert [isinstance(answer, DatabaseUnavailable) for answer in found].count(True) == told
