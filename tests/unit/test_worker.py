"""The loop that works off what stands in the database."""

import asyncio
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from application.worker import Pace, Worker
from domain.errors import DatabaseUnavailable
from tests.turns import until

NEVER = timedelta(hours=1)


@dataclass(frozen=True)
class Run:
    id: int


@dataclass
class Desk:
    """Work whose runs end when a test says so."""

    due: list[Run] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)
    away: bool = False
    frozen: bool = False
    defects: list[Exception] = field(default_factory=list)
    limits: list[int] = field(default_factory=list)
    beside: set[int] = field(default_factory=set)
    started: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    given_back: list[int] = field(default_factory=list)
    renewed: asyncio.Event = field(default_factory=asyncio.Event)
    claimed: asyncio.Event = field(default_factory=asyncio.Event)
    gates: dict[int, asyncio.Event] = field(default_factory=dict)

    def gate(self, run_id: int) -> asyncio.Event:
        return self.gates.setdefault(run_id, asyncio.Event())

    async def claim(self, limit: int, lease: timedelta, beside: Collection[Run]) -> Sequence[Run]:
        self.limits.append(limit)
        self.beside = {run.id for run in beside}
        self.claimed.set()
        if self.away:
            raise DatabaseUnavailable("away")
        if self.defects:
            raise self.defects.pop()
        taken, self.due = self.due[:limit], self.due[limit:]
        return taken

    async def perform(self, run: Run) -> None:
        self.started.append(run.id)
        await self.gate(run.id).wait()
        if run.id < 0:
            raise RuntimeError("a defect")
        self.ended.append(run.id)

    async def renew(self, runs: Collection[Run], lease: timedelta) -> Collection[Hashable]:
        if self.defects:
            raise self.defects.pop()
        self.renewed.set()
        return {run.id for run in runs} - self.lost

    async def give_back(self, run: Run) -> None:
        if self.away:
            raise DatabaseUnavailable("away")
        if self.frozen:
            await asyncio.Event().wait()
        self.given_back.append(run.id)


class Working:
    """A worker in its task; leaves the block when the worker has stopped."""

    def __init__(self, desk: Desk, **pace: object) -> None:
        slow = {"concurrency": 2, "lease": NEVER, "sweep": NEVER, "grace": NEVER}
        self.worker: Worker[Run] = Worker(desk, Pace(**{**slow, **pace}))  # type: ignore[arg-type]
        self.stopping = asyncio.Event()

    async def __aenter__(self) -> "Working":
        self.task = asyncio.create_task(self.worker.run(self.stopping))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stopping.set()
        await asyncio.wait_for(self.task, 5)


async def test_no_more_is_claimed_than_there_is_room_for() -> None:
    desk = Desk(due=[Run(1), Run(2), Run(3)])
    async with Working(desk):
        await until(lambda: desk.started == [1, 2])
        assert desk.due == [Run(3)]

        desk.gate(1).set()
        await until(lambda: desk.started == [1, 2, 3])

        assert (desk.limits[:2], desk.beside) == ([2, 1], {2})
        for run_id in (2, 3):
            desk.gate(run_id).set()


async def test_a_bell_wakes_the_worker_before_its_sweep() -> None:
    desk = Desk()
    async with Working(desk) as working:
        await until(lambda: desk.limits == [2])
        desk.due.append(Run(1))
        desk.gate(1).set()

        await working.worker.answer_bell()

        await until(lambda: desk.ended == [1])


async def test_a_sweep_finds_what_no_bell_told_of() -> None:
    desk = Desk()
    async with Working(desk, sweep=timedelta(milliseconds=5)):
        await until(lambda: desk.limits)
        desk.due.append(Run(1))
        desk.gate(1).set()

        await until(lambda: desk.ended == [1])


async def test_a_full_worker_leaves_the_bell_to_others_until_it_has_room() -> None:
    desk = Desk(due=[Run(1), Run(2)])
    async with Working(desk) as working:
        await until(lambda: desk.started == [1, 2])

        bell = asyncio.create_task(working.worker.answer_bell())
        await asyncio.sleep(0)
        answered_while_full = bell.done()
        desk.gate(1).set()
        await asyncio.wait_for(bell, 5)

        assert not answered_while_full
        desk.gate(2).set()


async def test_leases_are_renewed_while_a_run_goes_on() -> None:
    desk = Desk(due=[Run(1)])
    async with Working(desk, lease=timedelta(milliseconds=30)):
        await asyncio.wait_for(desk.renewed.wait(), 5)
        desk.gate(1).set()


async def test_a_run_whose_lease_was_lost_is_abandoned() -> None:
    desk = Desk(due=[Run(1)], lost={1})
    async with Working(desk, lease=timedelta(milliseconds=30)):
        await asyncio.wait_for(desk.renewed.wait(), 5)
        desk.due.append(Run(2))
        desk.gate(2).set()

        await until(lambda: desk.ended == [2])

    assert desk.given_back == []


async def test_a_stopping_worker_finishes_what_it_holds() -> None:
    desk = Desk(due=[Run(1)])
    async with Working(desk) as working:
        await until(lambda: desk.started == [1])
        working.stopping.set()
        desk.gate(1).set()

    assert (desk.ended, desk.given_back) == ([1], [])


async def test_what_does_not_finish_within_the_grace_is_given_back() -> None:
    desk = Desk(due=[Run(1)])
    async with Working(desk, grace=timedelta(milliseconds=5)):
        await until(lambda: desk.started == [1])

    assert (desk.ended, desk.given_back) == ([], [1])


@pytest.mark.parametrize("state", ["away", "frozen"])
async def test_a_database_that_takes_nothing_back_does_not_hold_the_stop(
    state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.worker.GIVE_BACK_SECONDS", 0.01)
    desk = Desk(due=[Run(1), Run(2)])
    async with Working(desk, grace=timedelta(milliseconds=5)):
        await until(lambda: desk.started == [1, 2])
        setattr(desk, state, True)

    assert desk.given_back == []


async def test_a_database_that_is_away_does_not_end_the_worker() -> None:
    desk = Desk(away=True)
    async with Working(desk, sweep=timedelta(milliseconds=5)):
        await until(lambda: len(desk.limits) > 1)
        desk.away, desk.due = False, [Run(1)]
        desk.gate(1).set()

        await until(lambda: desk.ended == [1])


async def test_a_defect_in_one_run_does_not_end_the_worker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk(due=[Run(-1), Run(2)])
    for run_id in (-1, 2):
        desk.gate(run_id).set()
    async with Working(desk):
        await until(lambda: desk.ended == [2])

    assert "a run broke its worker" in caplog.text


async def test_a_defect_in_looking_for_work_does_not_end_the_worker() -> None:
    desk = Desk(due=[Run(1)], defects=[ZeroDivisionError()])
    desk.gate(1).set()
    async with Working(desk, sweep=timedelta(milliseconds=5)):
        await until(lambda: desk.ended == [1])


async def test_a_defect_in_renewing_does_not_end_the_renewals() -> None:
    desk = Desk(due=[Run(1)])
    async with Working(desk, lease=timedelta(milliseconds=30)):
        await until(lambda: desk.started == [1])
        desk.defects.append(ZeroDivisionError())

        await asyncio.wait_for(desk.renewed.wait(), 5)

        desk.gate(1).set()


async def test_a_renewal_that_failed_is_tried_again_sooner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def at_once(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    desk = Desk(due=[Run(1)], defects=[])
    async with Working(desk, lease=timedelta(seconds=15)) as working:
        await until(lambda: desk.started == [1])
        desk.defects.append(ZeroDivisionError())
        monkeypatch.setattr(asyncio, "sleep", at_once)
        renewing = asyncio.create_task(working.worker._keep_leases())
        await asyncio.wait_for(desk.renewed.wait(), 5)
        monkeypatch.undo()
        renewing.cancel()
        desk.gate(1).set()

    assert pauses[:2] == [5.0, 1.0]
