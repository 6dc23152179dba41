"""Rejected rows: kept with the end of their run, whatever became of those who held it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.databases.memory.rejects import MemoryRejects
from adapters.system import SystemClock, UuidV7Ids
from application.ports import Bell
from application.quarantine import KEPT, PurgeRejects, RetryRejects
from application.receipts import NoReceipt
from domain.errors import DatabaseUnavailable, LeadSourceFailed, SyncRunWithoutRejects
from domain.incoming import IncomingLead
from domain.quarantine import MAX_KEPT, QuarantinedRow
from domain.sync import SyncError, SyncRun, SyncState
from tests.contracts.databases.recording import sync_of
from tests.contracts.databases.rejects import ROWS, ended_with, quarantine_of
from tests.unit.test_merge_leads import leads, row
from tests.unit.test_sync_leads import LEASE, Bench

BROKEN = [IncomingLead({"name": "Ada", "email": f"{n}"}) for n in range(5)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def retry(bench: Bench) -> RetryRejects:
    return RetryRejects(bench.database, bench.bells, SystemClock(), UuidV7Ids())


async def kept_of(bench: Bench, run: SyncRun) -> Sequence[QuarantinedRow]:
    return await quarantine_of(bench.database, run.id, MAX_KEPT + 1)


async def test_rows_of_all_batches_are_kept_with_their_reasons(bench: Bench) -> None:
    bench.source.batches = [[row(1), *BROKEN[:2]], [row(2)], [*BROKEN[2:], row(3)]]

    run = await bench.sync()

    kept = await kept_of(bench, run)
    assert (run.counts.invalid, run.rejects_kept) == (5, 5)
    assert [(one.position, one.row) for one in kept] == [
        (n, broken.fields) for n, broken in enumerate(BROKEN, 1)
    ]
    assert all(one.reasons[0].startswith("email: ") for one in kept)


async def test_counts_are_exact_where_more_is_rejected_than_is_kept(bench: Bench) -> None:
    bench.source.batches = [BROKEN * 130, BROKEN * 130]

    run = await bench.sync()

    assert (run.counts.invalid, run.rejects_kept) == (1300, MAX_KEPT)
    assert len(await kept_of(bench, run)) == MAX_KEPT


async def test_what_was_rejected_before_a_source_failed_is_kept(bench: Bench) -> None:
    bench.source.batches = [BROKEN]
    bench.source.failure = LeadSourceFailed("timeout", "too late")

    run = await bench.sync()

    assert (run.state, run.rejects_kept) == (SyncState.FAILED, 5)


async def test_a_run_that_starts_over_keeps_each_row_once(bench: Bench) -> None:
    bench.source.batches = [BROKEN]
    run = await bench.start()
    (late,) = await bench.work.claim(1, timedelta(0))
    (held,) = await bench.work.claim(1, LEASE)

    await bench.work.perform(late)
    assert await kept_of(bench, run) == []
    await bench.work.perform(held)
    await bench.work.perform(late)

    assert len(await kept_of(bench, run)) == 5


async def test_what_cannot_be_kept_is_not_said_to_be(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.source.batches = [BROKEN]
    run = await bench.start()
    (held,) = await bench.work.claim(1, timedelta(0))

    async def away(*_: object) -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(MemoryRejects, "keep", away)
        with pytest.raises(DatabaseUnavailable):
            await bench.work.perform(held)

    assert (await sync_of(bench.database, run)).state is SyncState.RUNNING


async def test_a_retry_reads_the_quarantine_and_not_the_source(
    bench: Bench, retry: RetryRejects
) -> None:
    run = await ended_with(bench.database, ROWS, source="scripted")
    bench.source.failure = LeadSourceFailed("timeout", "too late")

    wanted = await retry(run.id)
    (held,) = await bench.work.claim(1, LEASE)
    await replace(bench.work, sources={}).perform(held)

    ended = await sync_of(bench.database, wanted)
    assert (ended.state, ended.retried_from) == (SyncState.SUCCEEDED, run.id)
    assert (ended.counts.fetched, ended.counts.invalid) == (3, 3)
    assert await leads(bench.database) == []


async def test_a_retry_while_the_database_is_away_is_left_to_be_done_again(
    bench: Bench, retry: RetryRejects, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await ended_with(bench.database, ROWS, source="scripted")
    wanted = await retry(run.id)
    (held,) = await bench.work.claim(1, LEASE)

    async def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(MemoryRejects, "page", away)
        with pytest.raises(DatabaseUnavailable):
            await bench.work.perform(held)

    assert (await sync_of(bench.database, wanted)).state is SyncState.RUNNING


async def test_a_retry_whose_rows_are_gone_meanwhile_is_degraded(
    bench: Bench, retry: RetryRejects
) -> None:
    run = await ended_with(bench.database, ROWS, KEPT * 2, source="scripted")
    wanted = await retry(run.id)
    await PurgeRejects(bench.database)(1)
    (held,) = await bench.work.claim(1, LEASE)

    await bench.work.perform(held)

    ended = await sync_of(bench.database, wanted)
    assert (ended.state, ended.error) == (
        SyncState.DEGRADED,
        SyncError("empty", "nothing was left in quarantine"),
    )


async def test_after_their_time_there_is_nothing_to_retry(
    bench: Bench, retry: RetryRejects
) -> None:
    minute = timedelta(minutes=1)
    old = await ended_with(bench.database, ROWS, timedelta(days=30) + minute, "scripted")
    young = await ended_with(bench.database, ROWS, timedelta(days=30) - minute, "scripted")

    await PurgeRejects(bench.database)(10)

    with pytest.raises(SyncRunWithoutRejects):
        await retry(old.id)
    assert (await retry(young.id)).retried_from == young.id


async def test_a_retry_rings_once_and_after_its_commit(
    bench: Bench, retry: RetryRejects, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await ended_with(bench.database, ROWS, source="scripted")

    async def fail(*_: object) -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(NoReceipt, "keep", fail)
        with pytest.raises(DatabaseUnavailable):
            await retry(run.id)
    assert bench.bells.rung == []

    await retry(run.id)
    await retry(run.id)

    assert bench.bells.rung == [Bell.SYNCS]
