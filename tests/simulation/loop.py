"""An event loop that is the whole world: several processes, one seeded order, virtual time.

Within a process callbacks run first come, first served, as asyncio promises; which process
goes next is chance. Time passes only when nobody has anything to do.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

Callback = Callable[..., object]


@dataclass(eq=False, slots=True)
class Process:
    """One life of a process: its callbacks, its tasks, and whether it (still) runs."""

    name: str
    alive: bool = True
    stopped: bool = False
    """Not scheduled for a while; it does not notice."""
    ready: deque[asyncio.Handle] = field(default_factory=deque)
    tasks: list["asyncio.Task[Any]"] = field(default_factory=list)
    context: Context = field(default_factory=copy_context)

    def __post_init__(self) -> None:
        self.context.run(PROCESS.set, self)


PROCESS: ContextVar[Process] = ContextVar("process")
"""Whose code runs now, or whose callback this is."""


class SimulatedLoop(asyncio.AbstractEventLoop):
    """`strike` is asked before step `strike_at`: True if it took the step away."""

    def __init__(self, chance: Random) -> None:
        self.steps = 0
        self.strike_at = 0.0
        self.strike: Callable[[Process], bool] = lambda _: False
        self.complaints: list[str] = []
        self._random = chance.random
        self._now = 0.0
        self._timers: list[tuple[float, int, Process, asyncio.TimerHandle]] = []
        self._order = count()
        self._processes: list[Process] = []

    def start(self, name: str) -> Process:
        process = Process(name)
        self._processes.append(process)
        return process

    def spawn(self, process: Process, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        return self.create_task(work, context=process.context.copy())

    def kill(self, process: Process) -> None:
        """End it where it stands: what it awaits never comes, what servers held for it is freed."""
        process.alive = False
        process.ready.clear()
        self._processes.remove(process)
        process.context.run(_bury, process.tasks)

    def run(self, process: Process, work: Coroutine[Any, Any, Any]) -> None:
        """Turn until `work` of this process is done; what it raises goes through."""
        asyncio._set_running_loop(self)
        try:
            task = self.spawn(process, work)
            while not task.done():
                self._turn()
            task.result()
        finally:
            for left in list(self._processes):
                self.kill(left)
            asyncio._set_running_loop(None)

    def _turn(self) -> None:
        ready = [p for p in self._processes if p.ready and not p.stopped]
        if not ready:
            self._pass_time()
            return
        process = ready[int(self._random() * len(ready))]
        self.steps += 1
        if self.steps >= self.strike_at and self.strike(process):
            return
        handle = process.ready.popleft()
        if not handle.cancelled():
            handle._run()

    def _pass_time(self) -> None:
        """To the next moment at which something is due; IndexError if nothing ever is."""
        due, timers = self._timers[0][0], self._timers
        self._now = due
        while timers and timers[0][0] <= due:
            _, _, process, handle = heapq.heappop(timers)
            if process.alive and not handle.cancelled():
                process.ready.append(handle)

    def time(self) -> float:
        return self._now

    def call_soon(  # type: ignore[override]
        self, callback: Callback, *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        context = copy_context() if context is None else context
        handle = asyncio.Handle(callback, args, self, context)
        process = context[PROCESS]
        if process.alive:
            process.ready.append(handle)
        return handle

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callback, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callback, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        context = copy_context() if context is None else context
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._order), context[PROCESS], handle))
        return handle

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self,
        coro: Coroutine[Any, Any, Any],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> "asyncio.Task[Any]":
        context = copy_context() if context is None else context
        tasks = context[PROCESS].tasks
        if len(tasks) > 64:
            tasks[:] = [task for task in tasks if not task.done()]
        tasks.append(asyncio.Task(coro, loop=self, name=name, context=context))
        return tasks[-1]

    def run_in_executor(  # type: ignore[override]
        self, executor: object, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        future = self.create_future()
        future.set_result(func(*args))
        return future

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """An error that nobody waited for is no news where processes die; any other is a defect."""
        if "never retrieved" not in context["message"]:
            self.complaints.append(f"{context['message']}: {context.get('exception')!r}")

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It stays in the heap until its time has come."""


def _bury(tasks: list["asyncio.Task[Any]"]) -> None:
    for task in tasks:
        if task.done():
            continue
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        # each RuntimeError is an await in its cleanup, which a dead process does not get
        for _ in range(9):
            with suppress(RuntimeError):
                task.get_coro().close()
                break
