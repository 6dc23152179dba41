"""Do the work that stands in the database: claim it, hold it by renewed leases, finish it.

The same loop serves the distributed worker and the all-in-one process; only who rings the
bell differs. A bell wakes the loop early and a sweep wakes it anyway, so a lost bell costs
time and not work. It claims no more than it has room for.
"""

import asyncio
import logging
from collections.abc import Collection, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from domain.errors import CrmError

log = logging.getLogger(__name__)

RETRIES = 5
"""How often a renewal that failed is tried again in the time between two renewals."""
GIVE_BACK_SECONDS = 5.0
"""With the grace before it, a stop stays within 30 s though the database be away."""


class Claimed(Protocol):
    """A run that this process holds under a lease."""

    @property
    def id(self) -> Hashable: ...


R = TypeVar("R", bound=Claimed)


class Work(Protocol[R]):
    """One kind of runs: how they are claimed, performed, kept and given back."""

    async def claim(self, limit: int, lease: timedelta, beside: Collection[R]) -> Sequence[R]:
        """Take up to `limit` due runs, to be held beside these."""
        ...

    async def perform(self, run: R) -> None:
        """Bring a claimed run to its next state."""
        ...

    async def renew(self, runs: Collection[R], lease: timedelta) -> Collection[Hashable]:
        """Prolong the leases; the ids of the runs that are still held."""
        ...

    async def give_back(self, run: R) -> None: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """`lease` must be a few times longer than it takes to renew it; renewed every third of it."""

    concurrency: int
    lease: timedelta = timedelta(seconds=15)
    sweep: timedelta = timedelta(seconds=5)
    grace: timedelta = timedelta(seconds=20)


@dataclass(eq=False, slots=True)
class Worker(Generic[R]):
    """Runs one kind of work in this process until it is told to stop."""

    work: Work[R]
    pace: Pace
    _held: dict["asyncio.Task[None]", R] = field(default_factory=dict, init=False)
    _woken: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _room: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def answer_bell(self) -> None:
        """Look for work now; a full worker answers once it has room, so others go first."""
        while self._free == 0:
            self._room.clear()
            await self._room.wait()
        self._woken.set()

    def wake(self) -> None:
        """Look for work as soon as there is room."""
        self._woken.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping`, then finish or give back what is held within the grace."""
        renewing = asyncio.create_task(self._keep_leases())
        stopped = asyncio.create_task(stopping.wait())
        try:
            while not stopping.is_set():
                self._woken.clear()
                if await self._start_due() and self._free:
                    continue
                await self._rest(stopped)
        finally:
            await self._wind_up()
            for task in (renewing, stopped):
                task.cancel()
            await asyncio.gather(renewing, stopped, return_exceptions=True)

    @property
    def _free(self) -> int:
        return self.pace.concurrency - len(self._held)

    async def _start_due(self) -> int:
        """Claim and start what there is room for; how many runs were found."""
        if not self._free:
            return 0
        try:
            held = list(self._held.values())
            runs = await self.work.claim(self._free, self.pace.lease, held)
        except CrmError as error:
            log.warning("cannot look for work", extra={"reason": str(error)})
            return 0
        except Exception:
            log.exception("looking for work broke")
            return 0
        for run in runs:
            task = asyncio.create_task(self._perform(run))
            self._held[task] = run
            task.add_done_callback(self._let_go)
        return len(runs)

    async def _perform(self, run: R) -> None:
        try:
            await self.work.perform(run)
        except CrmError as error:
            log.warning(
                "a run was left to its lease", extra={"run": str(run.id), "reason": str(error)}
            )
        except Exception:
            log.exception("a run broke its worker", extra={"run": str(run.id)})

    def _let_go(self, task: "asyncio.Task[None]") -> None:
        del self._held[task]
        self._room.set()
        self._woken.set()

    async def _rest(self, stopped: "asyncio.Task[bool]") -> None:
        woken = asyncio.create_task(self._woken.wait())
        await asyncio.wait(
            {woken, stopped},
            timeout=self.pace.sweep.total_seconds(),
            return_when=asyncio.FIRST_COMPLETED,
        )
        woken.cancel()
        with suppress(asyncio.CancelledError):
            await woken

    async def _keep_leases(self) -> None:
        """Every third of a lease; sooner after a failure, as a lease outlives a short outage."""
        often = pause = self.pace.lease.total_seconds() / 3
        while True:
            await asyncio.sleep(pause)
            pause = often if await self._renewed() else often / RETRIES

    async def _renewed(self) -> bool:
        """Prolong what is held, and let go of what is not held any more; False to try again."""
        held = dict(self._held)
        if not held:
            return True
        try:
            kept = await self.work.renew(held.values(), self.pace.lease)
        except CrmError as error:
            log.warning("cannot renew leases", extra={"reason": str(error)})
            return False
        except Exception:
            log.exception("renewing leases broke")
            return False
        for task, run in held.items():
            if run.id not in kept:
                task.cancel()
        return True

    async def _wind_up(self) -> None:
        """Let what runs finish, then give back the rest at once rather than by lapsed leases."""
        if not self._held:
            return
        _, late = await asyncio.wait(self._held, timeout=self.pace.grace.total_seconds())
        unfinished = [self._held[task] for task in late]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await asyncio.gather(*(self._give_back(run) for run in unfinished))

    async def _give_back(self, run: R) -> None:
        """All at once and not for long: what cannot be given back now, its lease will free."""
        try:
            async with asyncio.timeout(GIVE_BACK_SECONDS):
                await self.work.give_back(run)
        except (CrmError, TimeoutError) as error:
            log.warning(
                "a run was left to its lease", extra={"run": str(run.id), "reason": str(error)}
            )
