"""The processes of a deployment, each wired from the real use cases over the shared servers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from adapters.lead_sources.file import ReadUpload
from application.breaker import Breaker
from application.create_lead import CreateLead
from application.get_lead import GetLead
from application.lead_cache import LeadCache
from application.merge_leads import MergeLeads
from application.ports import Bell, Clock, Ids, Jitter, JobQueue
from application.read_summary_runs import GetSummaryRun
from application.request_summary import RequestSummary, RequeueSummary
from application.run_summary import RunSummaries
from application.sync_leads import RunSyncs, StartSync
from application.worker import Pace, Worker
from domain.ports import LeadSource
from domain.summary import RetryPolicy
from entrypoints.lead_json import encode_lead
from tests.builders import an_open_gate, chain_of
from tests.simulation.cache import CacheServer
from tests.simulation.database import DatabaseServer
from tests.simulation.history import History
from tests.simulation.loop import Process, SimulatedLoop
from tests.simulation.outside import SimulatedAi, SimulatedSource
from tests.simulation.weather import Weather

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=15)
RETRIES = RetryPolicy(max_attempts=4, base=timedelta(seconds=1), cap=timedelta(seconds=8))


class Unanswered(Exception):
    """Whether the request was carried out is not known."""


@dataclass(frozen=True, slots=True)
class VirtualClock(Clock):
    """`skew` seconds ahead of the database's clock."""

    loop: SimulatedLoop
    start: datetime
    skew: float = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.loop.time() + self.skew)


class CountedIds(Ids):
    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self) -> UUID:
        return UUID(int=next(self._numbers))


@dataclass(frozen=True, slots=True)
class SeededJitter(Jitter):
    chance_of: Random

    def chance(self) -> float:
        return self.chance_of.random()


@dataclass(frozen=True, slots=True)
class Api:
    """What an API process offers to clients and schedulers."""

    create_lead: CreateLead
    get_lead: GetLead
    request_summary: RequestSummary
    requeue_summary: RequeueSummary
    get_summary_run: GetSummaryRun
    start_sync: StartSync


@dataclass(slots=True)
class Servers:
    """What outlives the processes: database, cache, doorbell, AI and sources."""

    chance: Random
    loop: SimulatedLoop
    weather: Weather
    history: History
    emails: list[str] = field(default_factory=list)
    """Of the leads that clients made."""
    ids: CountedIds = field(default_factory=CountedIds)
    clock: VirtualClock = field(init=False)
    database: DatabaseServer = field(init=False)
    cache: CacheServer = field(init=False)
    ai: SimulatedAi = field(init=False)
    sources: Mapping[str, LeadSource] = field(init=False)

    def __post_init__(self) -> None:
        self.clock = VirtualClock(self.loop, START)
        self.database = DatabaseServer(self.clock, self.weather, self.history)
        self.cache = CacheServer(
            self.loop, self.clock, self.weather, self.history, self._version_of
        )
        self.ai = SimulatedAi(self.weather, self.history)
        numbers = count(1)
        self.sources = {
            name: SimulatedSource(name, self.weather, self.history, self.emails, numbers)
            for name in ("fair", "forum")
        }

    def _version_of(self, lead_id: UUID) -> int:
        lead = self.database.tables.leads.get(lead_id)
        return lead.version if lead else 0


@dataclass(eq=False, slots=True)
class Machine:
    """A place where a process runs, and runs again after each of its deaths."""

    name: str
    servers: Servers
    jobs: JobQueue
    works: bool
    """Whether it is a worker; an API otherwise."""
    life: Process = field(init=False)
    lives: int = 0
    api: Api = field(init=False)
    stopping: asyncio.Event = field(init=False)
    workers: Mapping[Bell, Worker[Any]] = field(init=False, default_factory=dict)
    waiting: "list[asyncio.Future[Any]]" = field(default_factory=list)
    """The answers that clients expect of this life."""

    def boot(self) -> None:
        self.lives += 1
        self.life = self.servers.loop.start(f"{self.name}#{self.lives}")
        self.stopping = asyncio.Event()
        self.life.context.copy().run(self._wire)

    def die(self) -> None:
        self.servers.loop.kill(self.life)
        self.servers.database.disconnect()
        self.workers = {}
        for answer in self.waiting:
            if not answer.done():
                answer.set_exception(Unanswered())
        self.waiting.clear()

    def wake(self, bell: Bell) -> None:
        """As SAQ does: a job that waits until the worker has room."""
        if self.life.alive and bell in self.workers:
            self.servers.loop.spawn(self.life, self.workers[bell].answer_bell())

    def _wire(self) -> None:
        servers, jobs = self.servers, self.jobs
        database, ids, sources = servers.database, servers.ids, servers.sources
        jitter = SeededJitter(servers.chance)
        # no two machines agree about the time
        clock = VirtualClock(servers.loop, START, servers.chance.uniform(-30, 30))
        lead_cache = LeadCache(servers.cache, encode_lead, ids, jitter)
        database.hooks[self.life] = lead_cache
        if not self.works:
            self.api = Api(
                CreateLead(database, clock, ids),
                GetLead(database, lead_cache),
                RequestSummary(database, jobs, clock, ids, an_open_gate()),
                RequeueSummary(database, jobs, clock),
                GetSummaryRun(database),
                StartSync(database, jobs, clock, ids, sources),
            )
            return
        breaker = Breaker(pause=timedelta(seconds=5))
        summaries = Worker(
            RunSummaries(
                database,
                chain_of(servers.ai, servers.loop.time),
                clock,
                ids,
                jitter,
                RETRIES,
                breaker,
            ),
            Pace(3, lease=LEASE, grace=timedelta(seconds=5)),
        )
        syncs = Worker(
            RunSyncs(database, MergeLeads(database, clock, ids), clock, ids, sources, ReadUpload()),
            Pace(1, lease=LEASE, sweep=LEASE, grace=timedelta(seconds=5)),
        )
        self.workers = {Bell.SUMMARIES: summaries, Bell.SYNCS: syncs}
        for worker in self.workers.values():
            servers.loop.spawn(self.life, worker.run(self.stopping))
