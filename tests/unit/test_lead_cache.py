"""Reading leads through the cache: one flight per key, and never an older row."""

import asyncio
from datetime import timedelta

import pytest

from adapters.caches.memory import MemoryCache
from adapters.caches.none import NoCache
from adapters.system import UuidV7Ids
from application.lead_cache import LeadCache
from application.ports import Cache, Document
from domain.errors import LeadNotFound
from domain.lead import Lead, LeadId
from tests.builders import NOW, a_lead


class HalfChance:
    def chance(self) -> float:
        return 0.5


def encode(lead: Lead) -> bytes:
    return f"v{lead.version}".encode()


def a_cache(cache: Cache | None = None) -> LeadCache:
    return LeadCache(cache or MemoryCache(), encode, UuidV7Ids(), HalfChance())


class Row:
    """A lead's row, with a gate in front of each read of it."""

    def __init__(self) -> None:
        self.lead: Lead | None = a_lead()
        self.reads = 0
        self.reading = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self, lead_id: LeadId) -> Lead:
        self.reads += 1
        found = self.lead
        self.reading.set()
        await self.gate.wait()
        if found is None:
            raise LeadNotFound(lead_id)
        return found

    async def change(self, cache: LeadCache) -> None:
        assert self.lead is not None
        changed = self.lead.awaiting_summary(NOW)
        await cache.before_commit([changed])
        self.lead = changed
        await cache.after_commit([changed])

    @property
    def id(self) -> LeadId:
        assert self.lead is not None
        return self.lead.id


async def test_a_second_read_does_not_ask_the_database() -> None:
    cache, row = a_cache(), Row()

    first = await cache.read(row.id, row.load)
    second = await cache.read(row.id, row.load)

    assert first == second == Document(1, b"v1")
    assert row.reads == 1


async def test_many_readers_at_once_ask_once() -> None:
    cache, row = a_cache(), Row()

    found = await asyncio.gather(*(cache.read(row.id, row.load) for _ in range(100)))

    assert set(found) == {Document(1, b"v1")}
    assert row.reads == 1


async def test_a_reader_who_goes_away_takes_nobody_along() -> None:
    cache, row = a_cache(), Row()
    row.gate.clear()
    first = asyncio.create_task(cache.read(row.id, row.load))
    await row.reading.wait()
    second = asyncio.create_task(cache.read(row.id, row.load))
    await asyncio.sleep(0)
    first.cancel()
    row.gate.set()

    assert await second == Document(1, b"v1")


async def test_after_a_change_the_new_row_is_read() -> None:
    cache, row = a_cache(), Row()
    await cache.read(row.id, row.load)

    await row.change(cache)

    assert (await cache.read(row.id, row.load)).version == 2


async def test_a_change_is_at_hand_without_asking_the_database_again() -> None:
    cache, row = a_cache(), Row()
    await cache.read(row.id, row.load)

    await row.change(cache)
    await cache.read(row.id, row.load)

    assert row.reads == 1


async def test_between_fence_and_commit_readers_see_the_database() -> None:
    cache, row = a_cache(), Row()
    await cache.read(row.id, row.load)
    assert row.lead is not None

    await cache.before_commit([row.lead.awaiting_summary(NOW)])
    await cache.read(row.id, row.load)

    assert row.reads == 2


async def test_who_read_the_old_row_cannot_fill_after_the_change() -> None:
    cache, row = a_cache(), Row()
    row.gate.clear()
    slow = asyncio.create_task(cache.read(row.id, row.load))
    await row.reading.wait()

    await row.change(cache)
    row.gate.set()
    await slow

    assert (await cache.read(row.id, row.load)).version == 2


async def test_who_comes_after_a_change_does_not_join_a_flight_from_before() -> None:
    cache, row = a_cache(), Row()
    row.gate.clear()
    slow = asyncio.create_task(cache.read(row.id, row.load))
    await row.reading.wait()
    await row.change(cache)

    late = asyncio.create_task(cache.read(row.id, row.load))
    await asyncio.sleep(0)
    row.gate.set()

    assert (await late).version == 2
    assert (await slow).version == 1


async def test_who_comes_while_the_next_change_is_fenced_does_not_join_an_old_flight() -> None:
    cache, row = a_cache(), Row()
    row.gate.clear()
    slow = asyncio.create_task(cache.read(row.id, row.load))
    await row.reading.wait()
    await row.change(cache)
    assert row.lead is not None
    await cache.before_commit([row.lead.awaiting_summary(NOW)])

    late = asyncio.create_task(cache.read(row.id, row.load))
    await asyncio.sleep(0)
    row.gate.set()

    assert (await late).version == 2
    assert (await slow).version == 1


async def test_a_flight_of_one_lead_is_not_joined_by_readers_of_another() -> None:
    cache, row, other = a_cache(), Row(), Row()
    assert other.lead is not None
    row.gate.clear()
    slow = asyncio.create_task(cache.read(row.id, row.load))
    await row.reading.wait()
    other.lead = other.lead.awaiting_summary(NOW)

    found = await cache.read(other.id, other.load)

    row.gate.set()
    assert (found.version, (await slow).version) == (2, 1)


async def test_that_there_is_no_lead_is_told_to_all_and_kept_by_nobody() -> None:
    cache, row = a_cache(), Row()
    lead, row.lead = row.lead, None
    assert lead is not None

    found = await asyncio.gather(
        *(cache.read(lead.id, row.load) for _ in range(3)), return_exceptions=True
    )
    row.lead = lead

    assert [type(error) for error in found] == [LeadNotFound] * 3
    assert (await cache.read(lead.id, row.load)).version == 1


async def test_without_a_cache_every_reader_asks_the_database() -> None:
    cache, row = a_cache(NoCache()), Row()

    await asyncio.gather(*(cache.read(row.id, row.load) for _ in range(3)))

    assert row.reads == 3


async def test_reads_are_counted_by_who_spared_them_the_database() -> None:
    cache, row = a_cache(), Row()

    await asyncio.gather(*(cache.read(row.id, row.load) for _ in range(3)))
    await cache.read(row.id, row.load)

    assert cache.reads == {"miss": 1, "joined": 2, "hit": 1}


async def test_a_read_that_may_not_fill_is_a_miss_too() -> None:
    cache, row = a_cache(NoCache()), Row()

    await cache.read(row.id, row.load)

    assert cache.reads == {"miss": 1, "joined": 0, "hit": 0}


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 54), (0.5, 60), (1.0, 66)])
async def test_entries_do_not_all_end_at_once(chance: float, seconds: float) -> None:
    class Chance:
        def chance(self) -> float:
            return chance

    lived: list[timedelta] = []

    class Watched(MemoryCache):
        async def fill(self, key: str, token: str, document: Document, ttl: timedelta) -> bool:
            lived.append(ttl)
            return await super().fill(key, token, document, ttl)

    row = Row()
    await LeadCache(Watched(), encode, UuidV7Ids(), Chance()).read(row.id, row.load)

    assert lived == [timedelta(seconds=seconds)]
