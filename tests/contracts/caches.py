"""What caches promise: nothing older than what was committed, and never an exception."""

import asyncio
from datetime import timedelta

from application.ports import Cache, Document, Hit, Miss

KEY = "crm:2:lead:x"
TTL = timedelta(seconds=60)
OLD, NEW, NEWER = (Document(n, f'{{"version":{n}}}'.encode()) for n in (1, 2, 3))


class AnyCacheContract:
    """Inherit it with the fixture `cache`; kept even by a cache that keeps nothing."""

    async def test_it_shows_nothing_that_was_not_put(self, cache: Cache) -> None:
        assert isinstance(await cache.read(KEY, "t1"), Miss)

    async def test_a_late_document_finds_no_place(self, cache: Cache) -> None:
        """Where the key holds nothing, nobody knows whether this one is still the newest."""
        assert not await cache.put(KEY, OLD, TTL)
        assert isinstance(await cache.read(KEY, "t1"), Miss)

    async def test_nobody_fills_without_a_token(self, cache: Cache) -> None:
        assert not await cache.fill(KEY, "t1", OLD, TTL)


class CacheContract(AnyCacheContract):
    """The whole protocol."""

    async def test_a_reader_that_misses_may_fill(self, cache: Cache) -> None:
        assert await cache.read(KEY, "t1") == Miss("t1")

        assert await cache.fill(KEY, "t1", OLD, TTL)

        assert await cache.read(KEY, "t2") == Hit(OLD)

    async def test_bodies_are_kept_byte_by_byte(self, cache: Cache) -> None:
        document = Document(2**40, bytes(range(256)) + b"D0F\r\n")
        await cache.read(KEY, "t1")

        await cache.fill(KEY, "t1", document, TTL)

        assert await cache.read(KEY, "t2") == Hit(document)

    async def test_what_is_at_hand_is_what_would_be_read(self, cache: Cache) -> None:
        """A cache that would have to ask for it knows nothing without waiting."""
        assert cache.at_hand(KEY) is None
        await cache.read(KEY, "t1")
        assert cache.at_hand(KEY) is None
        await cache.fill(KEY, "t1", OLD, TTL)
        assert cache.at_hand(KEY) in {None, OLD}
        await cache.fence(KEY, 2)
        assert cache.at_hand(KEY) is None

    async def test_keys_do_not_touch_each_other(self, cache: Cache) -> None:
        await cache.read(KEY, "t1")
        await cache.fill(KEY, "t1", OLD, TTL)

        assert await cache.read(f"{KEY}y", "t2") == Miss("t2")

    async def test_the_second_reader_sees_whose_token_stands(self, cache: Cache) -> None:
        await cache.read(KEY, "t1")

        assert await cache.read(KEY, "t2") == Miss("t1")
        assert not await cache.fill(KEY, "t2", OLD, TTL)

    async def test_of_many_readers_at_once_one_gets_the_token(self, cache: Cache) -> None:
        found = await asyncio.gather(*(cache.read(KEY, f"t{n}") for n in range(20)))

        tokens = {miss.token for miss in found if isinstance(miss, Miss)}
        assert len(tokens) == 1

    async def test_a_fill_takes_the_token_with_it(self, cache: Cache) -> None:
        await cache.read(KEY, "t1")
        await cache.fill(KEY, "t1", OLD, TTL)

        assert not await cache.fill(KEY, "t1", NEW, TTL)
        assert await cache.read(KEY, "t2") == Hit(OLD)

    async def test_a_fence_drops_what_stands_and_refuses_fills(self, cache: Cache) -> None:
        await cache.read(KEY, "t1")
        await cache.fill(KEY, "t1", OLD, TTL)

        await cache.fence(KEY, 2)

        assert await cache.read(KEY, "t2") == Miss(None)
        assert not await cache.fill(KEY, "t2", OLD, TTL)

    async def test_a_slow_reader_cannot_bring_the_old_row_back(self, cache: Cache) -> None:
        """It misses and reads v1; a writer commits v2; it fills too late."""
        await cache.read(KEY, "slow")
        await cache.fence(KEY, 2)
        await cache.put(KEY, NEW, TTL)

        assert not await cache.fill(KEY, "slow", OLD, TTL)
        assert await cache.read(KEY, "t2") == Hit(NEW)

    async def test_the_committed_row_replaces_its_own_fence(self, cache: Cache) -> None:
        await cache.fence(KEY, 2)

        assert await cache.put(KEY, NEW, TTL)
        assert await cache.read(KEY, "t1") == Hit(NEW)

    async def test_the_committed_row_replaces_an_older_document(self, cache: Cache) -> None:
        await cache.read(KEY, "t1")
        await cache.fill(KEY, "t1", OLD, TTL)

        assert await cache.put(KEY, NEW, TTL)

    async def test_the_same_version_may_be_put_again(self, cache: Cache) -> None:
        await cache.fence(KEY, 2)
        await cache.put(KEY, NEW, TTL)

        assert await cache.put(KEY, NEW, TTL)
        assert await cache.read(KEY, "t1") == Hit(NEW)

    async def test_a_fence_is_not_lifted_by_reading(self, cache: Cache) -> None:
        await cache.fence(KEY, 2)

        found = [await cache.read(KEY, "t1") for _ in range(3)]

        assert found == [Miss(None)] * 3
        assert await cache.put(KEY, NEW, TTL)

    async def test_versions_are_compared_as_numbers(self, cache: Cache) -> None:
        await cache.fence(KEY, 10)

        assert not await cache.put(KEY, Document(9, b"nine"), TTL)
        assert await cache.put(KEY, Document(10, b"ten"), TTL)

    async def test_a_late_writer_does_not_pass_a_higher_fence(self, cache: Cache) -> None:
        await cache.fence(KEY, 2)
        await cache.fence(KEY, 3)

        assert not await cache.put(KEY, NEW, TTL)
        assert await cache.read(KEY, "t1") == Miss(None)

    async def test_a_lower_fence_does_not_replace_a_higher_one(self, cache: Cache) -> None:
        await cache.fence(KEY, 3)
        await cache.fence(KEY, 2)

        assert not await cache.put(KEY, NEW, TTL)
        assert await cache.put(KEY, NEWER, TTL)

    async def test_a_late_writer_does_not_replace_a_newer_document(self, cache: Cache) -> None:
        await cache.fence(KEY, 3)
        await cache.put(KEY, NEWER, TTL)

        assert not await cache.put(KEY, NEW, TTL)
        assert await cache.read(KEY, "t1") == Hit(NEWER)

    async def test_a_late_writer_drops_the_token_of_a_reader_that_may_be_ahead(
        self, cache: Cache
    ) -> None:
        """After a wipe: neither the writer's document nor the reader's is known to be newest."""
        await cache.read(KEY, "t1")

        assert not await cache.put(KEY, NEW, TTL)

        assert not await cache.fill(KEY, "t1", OLD, TTL)
        assert await cache.read(KEY, "t2") == Miss("t2")

    async def test_a_document_goes_when_its_time_is_over(self, cache: Cache) -> None:
        await cache.read(KEY, "t1")
        await cache.fill(KEY, "t1", OLD, timedelta(milliseconds=1))

        async with asyncio.timeout(5):
            while isinstance(await cache.read(KEY, "t2"), Hit):
                await asyncio.sleep(0.001)
