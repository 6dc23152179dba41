"""Wait for a summary run instead of asking for it again and again."""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import timedelta

from application.run_watch import RunWatch
from domain.summary import SummaryRun


@dataclass(frozen=True, slots=True)
class AwaitRun:
    watch: RunWatch

    async def __call__(
        self, run: SummaryRun, seconds: float, until: "Collection[asyncio.Future[object]]"
    ) -> SummaryRun:
        """The run at its end; as it was last seen, after the time or once one of `until` is done.

        A database that goes away meanwhile costs no more than the time.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + seconds
        while run.state.is_open:
            further = await self.watch.progress(run, max(deadline - now(), 0), until)
            if further is None:
                return run
            run = further
        return run


@dataclass(frozen=True, slots=True)
class FollowRun:
    """`heartbeat` is how long it may be silent, `lifetime` how long one may follow at once."""

    watch: RunWatch
    heartbeat: timedelta = timedelta(seconds=15)
    lifetime: timedelta = timedelta(minutes=10)

    async def __call__(
        self, run: SummaryRun, until: "Collection[asyncio.Future[object]]"
    ) -> AsyncIterator[SummaryRun | None]:
        """The run at each progress that is seen from now on, to its end; None as a heartbeat.

        Ends earlier once one of `until` is done, or the lifetime is over.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + self.lifetime.total_seconds()
        while run.state.is_open and not any(each.done() for each in until) and now() < deadline:
            further = await self.watch.progress(run, self.heartbeat.total_seconds(), until)
            run = further or run
            yield further
