"""Sync runs: one open per source, one per slot, claimed and settled like summary runs."""

import asyncio
from datetime import timedelta

from application.ports import UnitsOfWork
from domain.ports import Position
from domain.sync import SyncCounts, SyncError, SyncRun, SyncState
from tests.builders import NOW, a_sync
from tests.contracts.databases.recording import Database, a_token, sync_of

LEASE = timedelta(seconds=30)


async def started(database: UnitsOfWork, **but: object) -> SyncRun:
    async with database() as work:
        return await work.sync_runs.add(a_sync(**but))


async def claim_sync(database: UnitsOfWork, lease: timedelta = LEASE) -> list[SyncRun]:
    async with database() as work:
        return list(await work.sync_runs.claim(a_token(), lease, 10))


async def end(database: Database, held: SyncRun, error: SyncError | None = None) -> bool:
    assert held.lease_token is not None
    counts = SyncCounts(fetched=3, created=2, invalid=1)
    async with database() as work:
        return await work.sync_runs.settle(held.ended(counts, error, NOW), held.lease_token)


class SyncRunsContract:
    async def test_a_sync_that_is_open_is_joined(self, database: Database) -> None:
        first = await started(database)

        assert (await started(database)).id == first.id

    async def test_other_sources_are_not_joined(self, database: Database) -> None:
        assert (await started(database)).id != (await started(database, source="file")).id

    async def test_a_slot_has_one_run_however_many_tick(self, database: Database) -> None:
        runs = await asyncio.gather(*(started(database, slot=NOW) for _ in range(10)))
        (held,) = await claim_sync(database)
        await end(database, held)

        again = await started(database, slot=NOW)

        assert {run.id for run in (*runs, again)} == {held.id}

    async def test_the_run_of_a_slot_comes_back_before_one_that_is_open(
        self, database: Database
    ) -> None:
        of_slot = await started(database, slot=NOW)
        (held,) = await claim_sync(database)
        await end(database, held)
        await started(database)

        assert (await started(database, slot=NOW)).id == of_slot.id

    async def test_one_slot_is_had_by_every_source(self, database: Database) -> None:
        runs = [await started(database, source=source, slot=NOW) for source in ("a", "b")]

        assert [run.source for run in runs] == ["a", "b"]

    async def test_a_sync_has_one_taker_among_many_and_tells_its_start(
        self, database: Database
    ) -> None:
        await started(database)

        claims = await asyncio.gather(*(claim_sync(database) for _ in range(20)))

        (held,) = [run for runs in claims for run in runs]
        assert held.started_at is not None
        assert held.lease_until is not None
        assert held.started_at.utcoffset() == timedelta(0)
        assert held.started_at < held.lease_until

    async def test_the_next_slot_has_its_own(self, database: Database) -> None:
        await started(database, slot=NOW)
        (held,) = await claim_sync(database)
        await end(database, held)

        following = await started(database, slot=NOW + timedelta(hours=1))

        assert following.id != held.id

    async def test_syncs_by_hand_have_no_slot_to_share(self, database: Database) -> None:
        await started(database)
        (held,) = await claim_sync(database)
        await end(database, held)

        assert (await started(database)).id != held.id

    async def test_what_a_sync_did_comes_back_as_it_was(self, database: Database) -> None:
        await started(database, slot=NOW)
        (held,) = await claim_sync(database)
        error = SyncError("empty", "nobody")

        assert await end(database, held, error)

        ended = await sync_of(database, held)
        assert ended == held.ended(SyncCounts(fetched=3, created=2, invalid=1), error, NOW)
        assert ended.state is SyncState.DEGRADED

    async def test_a_lapsed_lease_counts_a_crash_and_its_holder_may_not_settle(
        self, database: Database
    ) -> None:
        await started(database)
        (late,) = await claim_sync(database, timedelta(0))

        (taker,) = await claim_sync(database)

        assert (taker.crashes, taker.counts) == (1, SyncCounts())
        assert not await end(database, late)
        assert await end(database, taker)

    async def test_a_lease_that_stands_is_not_taken(self, database: Database) -> None:
        await started(database)
        (held,) = await claim_sync(database)
        assert held.lease_token is not None

        async with database() as work:
            kept = await work.sync_runs.renew({held.lease_token}, LEASE)

        assert kept == {held.id}
        assert await claim_sync(database) == []

    async def test_a_sync_that_is_given_back_is_due_at_once(self, database: Database) -> None:
        await started(database)
        (held,) = await claim_sync(database)
        assert held.lease_token is not None
        async with database() as work:
            await work.sync_runs.settle(held.given_back(), held.lease_token)

        (again,) = await claim_sync(database)

        assert (again.id, again.crashes) == (held.id, 0)

    async def test_syncs_are_listed_newest_first(self, database: Database) -> None:
        made = [
            await started(database, source=f"s{n}", created_at=NOW + timedelta(seconds=n))
            for n in range(3)
        ]

        async with database(reads_only=True) as work:
            page = await work.sync_runs.page(2, None)
            rest = await work.sync_runs.page(2, Position(page[-1].created_at, page[-1].id))

        assert [run.id for run in (*page, *rest)] == [run.id for run in made[::-1]]
