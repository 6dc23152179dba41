"""One world by its seed: it lives through its weather, clears up, settles, and is looked over."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from application.ports import Bell, JobQueue
from domain.summary import SummaryRun
from domain.sync import SyncRun
from tests.simulation.checker import Checker
from tests.simulation.clients import Clients
from tests.simulation.history import History, Hit
from tests.simulation.loop import Process, SimulatedLoop
from tests.simulation.machines import Machine, Servers
from tests.simulation.weather import Weather

SETTLED_WITHIN = 120.0
"""Seconds after the last fault in which every run must be at its end."""


@dataclass(frozen=True, slots=True)
class Size:
    apis: int = 2
    workers: int = 2
    clients: int = 3
    requests: int = 16
    """Of each client."""


@dataclass(eq=False)
class World(JobQueue):
    """Runs once, by `live`; the doorbell between its machines is its own."""

    seed: int
    size: Size = field(default_factory=Size)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.loop = SimulatedLoop(self.chance)  # type: ignore[abstract]
        self.history = History()
        self.weather = Weather.of(self.chance, self.history)
        self.is_fair, self.weather_report = self.weather.is_fair, str(self.weather)
        self.nature = self.loop.start("nature")
        self.people = self.loop.start("people")

    def live(self) -> list[str]:
        """The promises that were broken, each as one sentence."""
        self.nature.context.copy().run(self._make)
        self.loop.run(self.nature, self._days())
        self.history.figures["worlds"] += 1
        self.history.figures["steps"] += self.loop.steps
        checker = Checker(self.is_fair)
        broken = checker.check(self.history.events)
        self.history.figures["excused stale reads"] += checker.excused
        return broken + self.loop.complaints

    async def ring(self, bell: Bell) -> bool:
        await self.weather.hop()
        if self.weather.strikes_with(self.weather.lost_bells):
            self.history.figures["bells not rung"] += 1
            return False
        self.chance.choice(self.workers).wake(bell)
        await self.weather.hop()
        return True

    def _make(self) -> None:
        self.servers = Servers(self.chance, self.loop, self.weather, self.history)
        self.apis = [
            Machine(f"api{n}", self.servers, self, works=False) for n in range(self.size.apis)
        ]
        self.workers = [
            Machine(f"worker{n}", self.servers, self, works=True) for n in range(self.size.workers)
        ]
        self.clients = Clients(self.servers, self.apis)
        for machine in (*self.apis, *self.workers):
            machine.boot()
        self.loop.strike = self._strike
        self._plan_strike()

    async def _days(self) -> None:
        spawn, clients, size = self.loop.spawn, self.clients, self.size
        troubles = spawn(self.nature, self._troubles())
        spawn(self.nature, self._evictions())
        schedulers = [spawn(self.people, clients.schedule(size.requests * 2)) for _ in range(2)]
        working = [spawn(self.people, clients.work(size.requests)) for _ in range(size.clients)]
        await asyncio.gather(*working, *schedulers)
        await troubles
        self._clear_up()
        for _ in range(int(SETTLED_WITHIN)):
            if self._is_settled():
                break
            await asyncio.sleep(1)
        await spawn(self.people, self._last_reads())

    async def _last_reads(self) -> None:
        for lead in self.clients.leads:
            for api in self.apis:
                await self.clients.read(lead, api)

    def _is_settled(self) -> bool:
        tables = self.servers.database.tables
        runs: list[SummaryRun | SyncRun] = [
            *tables.summary_runs.values(),
            *tables.sync_runs.values(),
        ]
        return not any(run.state.is_open for run in runs)

    def _clear_up(self) -> None:
        self.weather.clear_up()
        for machine in (*self.apis, *self.workers):
            self._go_on(machine.life)
            if not machine.life.alive:
                machine.boot()

    def _plan_strike(self) -> None:
        mean = self.weather.strikes
        gap = self.chance.expovariate(1 / mean) if mean else float("inf")
        self.loop.strike_at = self.loop.steps + 1 + gap

    def _strike(self, process: Process) -> bool:
        """Kill the process whose step it is, or stop it for a while, or ask it to stop."""
        machines = [m for m in (*self.apis, *self.workers) if m.life is process]
        if not machines or not self.weather.strikes:
            return False
        self._plan_strike()
        machine, fate, figures = machines[0], self.chance.random(), self.history.figures
        if fate < 0.25:
            self._note_hit(machine, "stops")
            process.stopped = True
            self._later(self.chance.uniform(1, 50), lambda: self._go_on(process))
            return True
        if fate < 0.4 and machine.works:
            figures["workers asked to stop"] += 1
            machine.stopping.set()
            self._later(self.chance.uniform(5, 10), lambda: self._kill(machine, process))
            return False
        self._kill(machine, process)
        return True

    def _kill(self, machine: Machine, process: Process) -> None:
        if not process.alive:
            return
        self._go_on(process)
        self._note_hit(machine, "kills")
        machine.die()
        self._later(self.chance.uniform(0.5, 5), lambda: self._boot(machine))

    def _boot(self, machine: Machine) -> None:
        if not machine.life.alive:
            machine.boot()

    def _go_on(self, process: Process) -> None:
        if process.stopped and self.servers.database.writing[process]:
            self._note_standstill(process)
        process.stopped = False

    def _note_hit(self, machine: Machine, kind: str) -> None:
        figures, process = self.history.figures, machine.life.name
        figures[kind] += 1
        held = self.servers.database.held_by(process)
        if held:
            figures[f"{kind} of a lease's holder"] += 1
        if any(self.servers.ai.has_told(process, email) for email in held):
            figures[f"{kind} between answer and commit"] += 1
        self.history.add(Hit(process))

    def _note_standstill(self, cause: Process | None = None) -> None:
        """Nobody else could renew a lease."""
        for machine in (*self.apis, *self.workers):
            if machine.life is not cause:
                self.history.add(Hit(machine.life.name))

    async def _troubles(self) -> None:
        servers, chance, figures = self.servers, self.chance, self.history.figures
        for _ in range(self.size.requests if self.weather.troubles else 0):
            await asyncio.sleep(chance.expovariate(0.3))
            match chance.randrange(3):
                case 0:
                    figures["cache wipes"] += 1
                    servers.cache.wipe()
                case 1:
                    figures["database outages"] += 1
                    self._note_standstill()
                    servers.database.away = True
                    await asyncio.sleep(chance.uniform(1, 8))
                    servers.database.away = False
                case _:
                    figures["wrong keys"] += 1
                    servers.ai.refuses_credentials = True
                    await asyncio.sleep(chance.uniform(2, 10))
                    servers.ai.refuses_credentials = False

    async def _evictions(self) -> None:
        """A cache that is too small for what it is given."""
        while self.weather.evictions:
            await asyncio.sleep(self.chance.expovariate(self.weather.evictions))
            self.servers.cache.evict(self.chance.choice)

    def _later(self, delay: float, act: Callable[[], None]) -> None:
        self.loop.call_later(delay, act, context=self.nature.context)
