"""Syncs: started once, seen through, and honest about what came of them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.databases.memory import MemoryDatabase
from adapters.databases.memory.leads import MemoryLeads
from adapters.lead_sources.file import ReadUpload
from adapters.system import SystemClock, UuidV7Ids
from application.changed_leads import OVERLAP
from application.merge_leads import MergeLeads
from application.ports import Bell
from application.sync_leads import RunSyncs, StartSync
from domain.errors import DatabaseUnavailable, LeadSourceFailed, UnknownLeadSource
from domain.incoming import IncomingLead
from domain.ports import LeadSource, TellsChanges
from domain.sync import SyncCounts, SyncError, SyncRun, SyncState
from tests.builders import NOW
from tests.contracts.databases.recording import sync_of
from tests.unit.test_merge_leads import leads, row

LEASE = timedelta(seconds=30)


@dataclass
class ScriptedSource(LeadSource):
    """Offers these batches, then fails if told to."""

    batches: list[Sequence[IncomingLead]] = field(default_factory=list)
    failure: Exception | None = None

    @property
    def name(self) -> str:
        return "scripted"

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        for batch in self.batches:
            yield batch
        if self.failure is not None:
            raise self.failure


@dataclass
class ChangingSource(ScriptedSource, TellsChanges):
    """Takes down what it was asked for; of changes it has none."""

    tells_changes: bool = True
    asked: list[datetime | None] = field(default_factory=list)

    async def fetch(self) -> AsyncIterator[Sequence[IncomingLead]]:
        self.asked.append(None)
        async for batch in super().fetch():
            yield batch

    async def fetch_changes(self, since: datetime) -> AsyncIterator[Sequence[IncomingLead]]:
        self.asked.append(since)
        if self.failure is not None:
            raise self.failure
        for batch in self.batches[:0]:
            yield batch


@dataclass
class RecordingBells:
    rung: list[Bell] = field(default_factory=list)

    async def ring(self, bell: Bell) -> bool:
        self.rung.append(bell)
        return True


class CountingDatabase(MemoryDatabase):
    """Counts the transactions that may write."""

    written = 0

    def __call__(self, *, reads_only: bool = False) -> AbstractAsyncContextManager[Any]:
        self.written += not reads_only
        return super().__call__(reads_only=reads_only)


class Bench:
    def __init__(self, source: ScriptedSource | None = None) -> None:
        clock, ids = SystemClock(), UuidV7Ids()
        self.database = CountingDatabase(clock)
        self.bells = RecordingBells()
        self.source = source or ScriptedSource()
        sources = {"scripted": self.source}
        self.start = StartSync(self.database, self.bells, clock, ids, sources)
        merge = MergeLeads(self.database, clock, ids)
        self.work = RunSyncs(self.database, merge, clock, ids, sources, ReadUpload())

    async def sync(self) -> SyncRun:
        run = await self.start()
        (held,) = await self.work.claim(1, LEASE)
        await self.work.perform(held)
        return await sync_of(self.database, run)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_sync_stores_what_is_offered_once(bench: Bench) -> None:
    bench.source.batches = [[row(n) for n in range(10)]]

    first, second = await bench.sync(), await bench.sync()

    assert (first.state, first.counts) == (
        SyncState.SUCCEEDED,
        SyncCounts(fetched=10, created=10),
    )
    assert second.counts == SyncCounts(fetched=10, unchanged=10)
    assert first.finished_at is not None


async def test_nobody_on_offer_is_degraded_and_no_success(bench: Bench) -> None:
    run = await bench.sync()

    assert run.state is SyncState.DEGRADED
    assert run.error is not None
    assert run.error.type == "empty"


async def test_a_source_that_tells_changes_is_asked_for_those_since_it_was_last_read() -> None:
    source = ChangingSource([[row()]])
    bench = Bench(source)

    first = await bench.sync()
    source.failure = LeadSourceFailed("timeout", "too late")
    await bench.sync()
    source.failure = None
    again = await bench.sync()
    await bench.sync()

    assert first.started_at is not None
    assert again.started_at is not None
    since = [first.started_at - OVERLAP] * 2 + [again.started_at - OVERLAP]
    assert source.asked == [None, *since]
    # nothing new is nothing wrong
    assert (again.state, again.counts) == (SyncState.SUCCEEDED, SyncCounts())


async def test_a_source_that_is_set_up_to_tell_no_changes_is_read_whole() -> None:
    source = ChangingSource([[row()]], tells_changes=False)
    bench = Bench(source)

    await bench.sync()
    await bench.sync()

    assert source.asked == [None, None]


async def test_rows_of_which_none_makes_a_lead_are_degraded_and_no_success(bench: Bench) -> None:
    bench.source.batches = [[IncomingLead({}), IncomingLead({})]]

    run = await bench.sync()

    assert (run.state, run.counts.invalid) == (SyncState.DEGRADED, 2)
    assert run.error == SyncError("empty", "not one of the rows makes a lead")


async def test_a_source_that_fails_leaves_a_typed_error(bench: Bench) -> None:
    bench.source.failure = LeadSourceFailed("timeout", "too late")

    run = await bench.sync()

    assert (run.state, run.error) == (SyncState.FAILED, SyncError("timeout", "too late"))


async def test_a_defect_in_a_source_is_its_failure_and_takes_no_worker_down(bench: Bench) -> None:
    bench.source.failure = ZeroDivisionError("of ada@example.com")

    run = await bench.sync()

    assert (run.state, run.error) == (
        SyncState.FAILED,
        SyncError("internal", "ZeroDivisionError"),
    )


async def test_what_came_before_a_failure_stays(bench: Bench) -> None:
    bench.source.batches = [[row(1)], [row(2)]]
    bench.source.failure = LeadSourceFailed("unavailable", "gone")

    run = await bench.sync()

    assert (run.state, run.counts.created) == (SyncState.FAILED, 2)
    assert len(await leads(bench.database)) == 2


async def test_counts_of_all_batches_add_up_to_what_was_fetched(bench: Bench) -> None:
    bench.source.batches = [
        [row(1), row(2), row(2)],
        [row(1), row(3), IncomingLead({})],
        [row(2, company="Navy"), row(4, email=row(1).fields["email"])],
    ]

    run = await bench.sync()

    assert run.state is SyncState.SUCCEEDED
    assert run.counts == SyncCounts(
        fetched=8, created=3, updated=1, unchanged=1, duplicate=2, invalid=1
    )


async def test_each_batch_is_one_transaction(bench: Bench) -> None:
    bench.source.batches = [[row(n) for n in range(first, first + 50)] for first in (0, 50, 100)]
    run = await bench.start()
    (held,) = await bench.work.claim(1, LEASE)
    before = bench.database.written

    await bench.work.perform(held)

    assert bench.database.written - before == len(bench.source.batches) + 1
    assert (await sync_of(bench.database, run)).counts.created == 150


async def test_a_slot_that_comes_while_a_run_is_open_is_skipped_and_says_so(bench: Bench) -> None:
    standing = await bench.start()

    skipped = await bench.start(slot=NOW)

    assert skipped.id != standing.id
    assert (skipped.state, skipped.slot) == (SyncState.SKIPPED, NOW)
    assert skipped.error == SyncError("skipped", f"sync run {standing.id} was still open")
    assert skipped.finished_at is not None
    assert (await sync_of(bench.database, skipped)) == skipped
    assert bench.bells.rung == [Bell.SYNCS]


async def test_a_slot_that_is_open_itself_is_joined_and_not_skipped(bench: Bench) -> None:
    first = await bench.start(slot=NOW)

    assert await bench.start(slot=NOW) == first


async def test_while_the_database_is_away_a_sync_is_left_to_be_done_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.source.batches = [[row(1)]]
    run = await bench.start()
    (held,) = await bench.work.claim(1, timedelta(0))

    async def away(*_: object) -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(MemoryLeads, "add_new", away)
        with pytest.raises(DatabaseUnavailable):
            await bench.work.perform(held)

    (again,) = await bench.work.claim(1, LEASE)
    await bench.work.perform(again)
    assert (await sync_of(bench.database, run)).counts == SyncCounts(fetched=1, created=1)


async def test_a_worker_that_comes_too_late_does_not_end_the_run_of_another(bench: Bench) -> None:
    run = await bench.start()
    (late,) = await bench.work.claim(1, timedelta(0))
    await bench.work.claim(1, LEASE)

    await bench.work.perform(late)

    assert (await sync_of(bench.database, run)).state is SyncState.RUNNING


async def test_a_run_that_is_given_back_is_due_again(bench: Bench) -> None:
    await bench.start()
    (held,) = await bench.work.claim(1, LEASE)

    await bench.work.give_back(held)

    (again,) = await bench.work.claim(1, LEASE)
    assert (again.id, again.crashes) == (held.id, 0)


async def test_a_source_that_is_configured_no_more_fails_its_run(bench: Bench) -> None:
    run = await bench.start()
    (held,) = await bench.work.claim(1, LEASE)

    await replace(bench.work, sources={}).perform(held)

    ended = await sync_of(bench.database, run)
    assert ended.error == SyncError("internal", "this source is not configured any more")


async def test_an_open_sync_is_joined_and_its_bell_rung_once(bench: Bench) -> None:
    first, second = await bench.start(), await bench.start()

    assert first.id == second.id
    assert bench.bells.rung == [Bell.SYNCS]


async def test_a_sync_that_runs_is_joined(bench: Bench) -> None:
    first = await bench.start()
    await bench.work.claim(1, LEASE)

    assert (await bench.start()).id == first.id


async def test_a_slot_is_not_repeated(bench: Bench) -> None:
    first = await bench.start(slot=NOW)
    (held,) = await bench.work.claim(1, LEASE)
    await bench.work.perform(held)

    assert (await bench.start(slot=NOW)).id == first.id
    assert await bench.work.claim(1, LEASE) == []


async def test_an_unknown_source_is_refused_with_those_there_are(bench: Bench) -> None:
    with pytest.raises(UnknownLeadSource) as refused:
        await bench.start("nowhere")

    assert refused.value.configured == ("scripted",)


async def test_a_sync_whose_worker_died_is_done_again(bench: Bench) -> None:
    bench.source.batches = [[row(1)]]
    run = await bench.start()
    await bench.work.claim(1, timedelta(0))

    (held,) = await bench.work.claim(1, LEASE)
    await bench.work.perform(held)

    assert (await sync_of(bench.database, run)).state is SyncState.SUCCEEDED


async def test_a_sync_that_took_three_workers_down_is_given_up(bench: Bench) -> None:
    run = await bench.start()
    for _ in range(3):
        await bench.work.claim(1, timedelta(0))

    (held,) = await bench.work.claim(1, LEASE)
    await bench.work.perform(held)

    ended = await sync_of(bench.database, run)
    assert ended.state is SyncState.FAILED
    assert ended.error is not None
    assert ended.error.type == "internal"
