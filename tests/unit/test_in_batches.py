"""Many who ask at once are answered by few batches, and each only for itself."""

import asyncio
from collections.abc import Sequence

import pytest

from application.in_batches import InBatches
from domain.errors import DatabaseUnavailable


class Doubler:
    """Keeps the batches that it got; `gate` holds them up."""

    def __init__(self) -> None:
        self.batches: list[Sequence[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int]:
        self.batches.append(numbers)
        await self.gate.wait()
        if self.error is not None and 13 in numbers:
            raise self.error
        return [2 * number for number in numbers]


async def test_who_comes_alone_waits_for_nobody() -> None:
    work = Doubler()

    assert await InBatches(work)(3) == 6

    assert work.batches == [[3]]


async def test_what_comes_while_a_batch_is_under_way_is_the_next_one() -> None:
    work = Doubler()
    double = InBatches(work)
    work.gate.clear()
    first = asyncio.create_task(double(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(double(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    work.gate.set()

    assert await asyncio.gather(first, *later) == [2, 4, 6, 8]

    assert work.batches == [[1], [2, 3, 4]]


async def test_no_batch_is_larger_than_the_largest() -> None:
    work = Doubler()
    double = InBatches(work, largest=2)

    assert await asyncio.gather(*map(double, range(5))) == [0, 2, 4, 6, 8]

    assert max(map(len, work.batches)) == 2


async def test_one_that_breaks_costs_only_itself() -> None:
    work = Doubler()
    work.error = ZeroDivisionError()
    double = InBatches(work)

    told = await asyncio.gather(*map(double, (1, 13, 3)), return_exceptions=True)

    assert (told[0], told[2]) == (2, 6)
    assert isinstance(told[1], ZeroDivisionError)


async def test_an_outage_is_everybodys_and_is_tried_once() -> None:
    work = Doubler()
    work.error = DatabaseUnavailable("away")
    double = InBatches(work)

    told = await asyncio.gather(*map(double, (1, 13)), return_exceptions=True)

    assert all(isinstance(each, DatabaseUnavailable) for each in told)
    assert work.batches == [[1, 13]]


@pytest.mark.parametrize(("patience", "asked"), [(-1.0, 1), (60.0, 2)], ids=["long", "short"])
async def test_who_waited_behind_a_long_outage_waits_for_no_other(
    patience: float, asked: int
) -> None:
    work = Doubler()
    work.error = DatabaseUnavailable("away")
    double = InBatches(work, largest=1, patience=patience)

    told = await asyncio.gather(*map(double, (13, 13)), return_exceptions=True)

    assert [type(each) for each in told] == [DatabaseUnavailable] * 2
    assert len(work.batches) == asked


async def test_who_is_cancelled_leaves_the_others_their_outcomes() -> None:
    work = Doubler()
    double = InBatches(work)
    work.gate.clear()
    asking = [asyncio.create_task(double(number)) for number in (1, 2)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking[0].cancel()
    work.gate.set()

    assert await asking[1] == 4
    with pytest.raises(asyncio.CancelledError):
        await asking[0]
