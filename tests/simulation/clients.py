"""People and schedulers: they ask, remember what was acknowledged, and live with no answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import msgspec

from application.ports import Document
from domain.errors import CrmError, LeadNotFound
from domain.lead import LeadId
from domain.lead_fields import LeadDetails
from domain.summary import RunState, SummaryRun, SummaryRunId
from tests.builders import SOMEBODY
from tests.simulation.history import Answered, Began, NotFound, Ticked
from tests.simulation.machines import START, Machine, Servers, Unanswered


@dataclass(slots=True)
class Clients:
    """All clients and schedulers together: what one learns, the others may use."""

    servers: Servers
    apis: Sequence[Machine]
    leads: list[UUID] = field(default_factory=list)
    runs: list[tuple[UUID, UUID]] = field(default_factory=list)
    """Lead and run, as acknowledged."""
    _ops: "count[int]" = field(default_factory=lambda: count(1))

    async def work(self, requests: int) -> None:
        """One client: that many requests, one after the other, some as a crowd."""
        chance = self.servers.chance
        for _ in range(requests):
            await asyncio.sleep(chance.choice([0.0, 0.1, 0.5, chance.expovariate(0.2)]))
            fate = chance.random()
            if fate < 0.07 or not self.leads:
                await self.create()
            elif fate < 0.4:
                lead = chance.choice(self.leads[-2:])
                acts = chance.choices((self.summarize, self.read), k=chance.choice((1, 4)))
                await asyncio.gather(*(act(lead) for act in acts))
            elif fate < 0.8 or not self.runs:
                lead = chance.choice(self.leads[-2:])
                await asyncio.gather(*(self.read(lead) for _ in range(chance.choice((1, 3)))))
            else:
                await self.look(*chance.choice(self.runs))

    async def schedule(self, until: float) -> None:
        """One scheduler: a tick for every source each twenty seconds."""
        for slot in range(0, int(until), 20):
            await asyncio.sleep(max(slot - self.servers.loop.time(), 0))
            for source in self.servers.sources:
                try:
                    run = await self._ask("start_sync", source, START + timedelta(seconds=slot))
                except (Unanswered, CrmError):
                    continue
                self.servers.history.add(Ticked(run.id))

    async def create(self) -> None:
        op = self._begin(None)
        email = f"client{op}@example.com"
        details = LeadDetails(name="Ada", email=email, email_key=email)
        try:
            lead = await self._ask("create_lead", details, SOMEBODY)
        except (Unanswered, CrmError):
            return
        self.servers.history.add(Answered(op=op, lead=lead.id, email=email))
        self.servers.emails.append(email)
        self.leads.append(lead.id)

    async def summarize(self, lead: UUID) -> None:
        await self._open_run("request_summary", lead, LeadId(lead))

    async def read(self, lead: UUID, api: Machine | None = None) -> None:
        op = self._begin(lead)
        try:
            document: Document = await self._ask("get_lead", LeadId(lead), api=api)
        except LeadNotFound:
            self.servers.history.add(NotFound(op, lead))
        except (Unanswered, CrmError):
            return
        else:
            seen = msgspec.json.decode(document.body)
            self.servers.history.add(Answered(op=op, lead=lead, seen=seen))

    async def look(self, lead: UUID, run_id: UUID) -> None:
        """See what became of a run; one that failed is tried anew, one that ended is read."""
        op = self._begin(lead)
        try:
            run: SummaryRun = await self._ask("get_summary_run", LeadId(lead), SummaryRunId(run_id))
        except (Unanswered, CrmError):
            return
        is_open = run.state.is_open
        self.servers.history.add(Answered(op=op, lead=lead, run=run_id, run_is_open=is_open))
        if run.state in {RunState.FAILED, RunState.BLOCKED}:
            self.servers.history.figures["runs tried anew"] += 1
            await self._open_run("requeue_summary", lead, LeadId(lead), SummaryRunId(run_id))
        elif not is_open:
            await self.read(lead)

    async def _open_run(self, use_case: str, lead: UUID, *ids: UUID) -> None:
        op = self._begin(lead)
        try:
            run: SummaryRun = await self._ask(use_case, *ids)
        except (Unanswered, CrmError):
            return
        self.servers.history.add(Answered(op=op, lead=lead, run=run.id))
        self.runs.append((lead, run.id))

    def _begin(self, lead: UUID | None) -> int:
        op = next(self._ops)
        self.servers.history.add(Began(op, lead))
        return op

    async def _ask(self, use_case: str, *args: object, api: Machine | None = None) -> Any:
        """One request to one API process; Unanswered if that process dies meanwhile."""
        machine = api or self.servers.chance.choice(self.apis)
        await self.servers.weather.hop()
        if not machine.life.alive:
            raise Unanswered
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def handle() -> None:
            try:
                result = await getattr(machine.api, use_case)(*args)
            except Exception as error:  # noqa: BLE001 - whatever it is, the client is to hear of it
                await self.servers.weather.hop()
                answer.set_exception(error)
            else:
                await self.servers.weather.hop()
                answer.set_result(result)

        machine.waiting.append(answer)
        self.servers.loop.spawn(machine.life, handle())
        return await answer
