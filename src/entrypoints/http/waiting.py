"""Waiting for a summary run: `Prefer: wait` (RFC 7240), and its states as server-sent events."""

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Annotated, TypeAlias

import msgspec
from litestar import Response, Router, get
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import HeaderParameter
from litestar.response import Stream
from litestar.status_codes import HTTP_204_NO_CONTENT

from application.crm import Crm
from domain.errors import TooManyWaiting
from domain.lead import LeadId
from domain.summary import SummaryRun, SummaryRunId
from entrypoints.http.parameters import AnyRequest, CrmDependency, PathId
from entrypoints.http.problems import problems
from entrypoints.http.schemas import SummaryRunView

MAX_SECONDS = 30
RECONNECT_MILLISECONDS = 1000
PREFERENCE_APPLIED = ResponseHeader(
    name="preference-applied",
    value="wait=10",
    description="`wait=N`: for how many seconds the answer would have waited",
    documentation_only=True,
)

Prefer: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name="prefer",
        description=(
            f"`wait=N`: answer when the run is at its end, or after N seconds, {MAX_SECONDS} at "
            "most, with the run as it is then. Other preferences are ignored."
        ),
    ),
]
LastEventId: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name="last-event-id", description="The `id` of the last event that you have seen"
    ),
]
RUN_EVENTS = ResponseSpec(
    str,
    generate_examples=False,
    description=(
        "Events named `run`: the present state of the run, then each that is seen, to its end. "
        "`data` is a `SummaryRunView` as JSON, `id` names what it shows; comments keep the "
        "connection alive."
    ),
    media_type="text/event-stream",
    examples=[Example(value='event: run\nid: 9f86d081884c7d65\ndata: {"state": "running"}\n\n')],
)
_WAIT = re.compile(r'wait[ \t]*=[ \t]*("?)0*(\d+)\1[ \t]*(;.*)?', re.ASCII | re.IGNORECASE)


@dataclass(slots=True)
class Patience:
    """How long this client would wait for a run; `headers` tell it what was granted."""

    request: AnyRequest
    seconds: int | None
    headers: dict[str, str] = field(default_factory=dict)

    async def for_end_of(self, run: SummaryRun, crm: Crm) -> SummaryRun:
        """The run at its end, or as it is when patience, client or process go.

        Where too many wait already, the wish is not granted.
        """
        if self.seconds is None or (run.state.is_open and crm.await_run.watch.is_full):
            return run
        self.headers["preference-applied"] = f"wait={self.seconds}"
        draining: asyncio.Event = self.request.app.state.draining
        async with _tasks(draining.wait(), _left(self.request)) as until:
            return await crm.await_run(run, self.seconds, until)


PatienceDependency: TypeAlias = NamedDependency[Patience]


async def patience(request: AnyRequest, prefer: Prefer = None) -> Patience:
    """The `wait` of this request."""
    lines = request.headers.getall("prefer") if prefer is not None else []
    return Patience(request, wait_wanted(lines))


def wait_wanted(prefer: Iterable[str]) -> int | None:
    """The seconds of the first `wait` in these header lines; None if it is none, or malformed."""
    for preference in ",".join(prefer).split(","):
        name = preference.partition("=")[0].partition(";")[0].strip().lower()
        if name == "wait":
            found = _WAIT.fullmatch(preference.strip())
            return min(int(found[2][:4]), MAX_SECONDS) if found else None
    return None


@get(
    "/leads/{lead_id:uuid}/summaries/{run_id:uuid}/events",
    operation_id="followSummaryRun",
    summary="Follow a summary run",
    media_type="text/event-stream",
    responses={
        200: RUN_EVENTS,
        204: ResponseSpec(
            None,
            description="The run is at its end, and `Last-Event-ID` shows it: do not ask again",
        ),
        **problems(404, 429),
    },
)
async def follow_summary_run(
    request: AnyRequest,
    crm: CrmDependency,
    lead_id: PathId,
    run_id: PathId,
    last_event_id: LastEventId = None,
) -> Response[None] | Stream:
    """Server-sent events, one for each state that is seen. Ends at the run's end.

    It also ends after ten minutes and when the process stops: an EventSource then connects
    anew by itself and misses nothing.
    """
    run = await crm.get_summary_run(LeadId(lead_id), SummaryRunId(run_id))
    event_id, event = _event(run)
    known = event_id == last_event_id
    if known and not run.state.is_open:
        return Response(None, status_code=HTTP_204_NO_CONTENT)
    if run.state.is_open and crm.follow_run.watch.is_full:
        raise TooManyWaiting
    return Stream(
        _events(run, b"" if known else event, crm, request.app.state.draining),
        media_type="text/event-stream",
        # no proxy may keep or collect them
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(
    run: SummaryRun, present: bytes, crm: Crm, draining: asyncio.Event
) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n%b" % (RECONNECT_MILLISECONDS, present)
    async with _tasks(draining.wait()) as until:
        async for further in crm.follow_run(run, until):
            yield _event(further)[1] if further else b": nothing new\n\n"


def _event(run: SummaryRun) -> tuple[str, bytes]:
    """Its id, a digest of what it shows in any process, and the event."""
    data = msgspec.json.encode(SummaryRunView.of(run))
    event_id = blake2b(data, digest_size=8).hexdigest()
    return event_id, b"event: run\nid: %b\ndata: %b\n\n" % (event_id.encode(), data)


async def _left(request: AnyRequest) -> None:
    """Until the client is gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


@asynccontextmanager
async def _tasks(
    *awaited: Coroutine[object, object, object],
) -> AsyncIterator[list["asyncio.Future[object]"]]:
    tasks: list[asyncio.Future[object]] = [asyncio.create_task(each) for each in awaited]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()


waiting_router = Router("/", route_handlers=[follow_summary_run], tags=["summaries"])
