"""Every POST of the API: how to come to send it, and what may happen before it is sent again."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import httpx

from entrypoints.container import System
from tests.bad_requests import GOOD
from tests.contracts.databases.rejects import ROWS, ended_with
from tests.systems import work_off_summaries, work_off_syncs

Body: TypeAlias = Mapping[str, object] | None
NOTE = {"type": "note", "text": "Asked for a demo."}


async def _nothing(client: httpx.AsyncClient, system: System, answer: httpx.Response) -> None:
    pass


async def _delete(client: httpx.AsyncClient, system: System, answer: httpx.Response) -> None:
    assert (await client.delete(f"/leads/{answer.json()['id']}")).status_code == 204


async def _delete_first(client: httpx.AsyncClient, system: System, answer: httpx.Response) -> None:
    made = answer.json()["results"][0]["id"]
    assert (await client.delete(f"/leads/{made}")).status_code == 204


async def _work_off(client: httpx.AsyncClient, system: System, answer: httpx.Response) -> None:
    await work_off_summaries(system)


async def _work_off_syncs(
    client: httpx.AsyncClient, system: System, answer: httpx.Response
) -> None:
    await work_off_syncs(system)


async def _root(client: httpx.AsyncClient, system: System) -> str:
    return ""


async def _lead(client: httpx.AsyncClient, system: System) -> str:
    return f"/leads/{(await client.post('/leads', json=GOOD)).json()['id']}"


async def _deleted_lead(client: httpx.AsyncClient, system: System) -> str:
    path = await _lead(client, system)
    await client.delete(path)
    return path


async def _ended_run(client: httpx.AsyncClient, system: System) -> str:
    path = await _lead(client, system)
    asked = await client.post(f"{path}/summarize")
    await work_off_summaries(system)
    location: str = asked.headers["location"]
    return location


async def _run_with_rejects(client: httpx.AsyncClient, system: System) -> str:
    run = await ended_with(system.crm.run_syncs.unit_of_work, ROWS)
    return f"/sync/runs/{run.id}"


@dataclass(frozen=True, slots=True)
class Post:
    """`parent` makes what `/…` of the route hangs on; `meanwhile` makes doing it twice visible."""

    route: str
    use_case: str
    status: int
    parent: Callable[[httpx.AsyncClient, System], Awaitable[str]] = _root
    body: Body = None
    other_body: Body = None
    meanwhile: Callable[[httpx.AsyncClient, System, httpx.Response], Awaitable[None]] = _nothing

    async def path(self, client: httpx.AsyncClient, system: System) -> str:
        """Where to send it, now that all it needs is there."""
        return await self.parent(client, system) + self.route.rpartition("}")[2]


OTHER_LEAD = {"name": "Ada Lovelace", "email": "ada@example.com"}
POSTS = [
    Post("/leads", "create_lead", 201, body=GOOD, other_body=OTHER_LEAD, meanwhile=_delete),
    Post("/create-lead", "create_lead", 201, body=GOOD, other_body=OTHER_LEAD, meanwhile=_delete),
    Post(
        "/leads/upsert", "upsert_lead", 201, body=GOOD, other_body=OTHER_LEAD, meanwhile=_delete,
    ),
    Post(
        "/leads/batch", "take_in_batch", 200, body={"leads": [GOOD]},
        other_body={"leads": [OTHER_LEAD]}, meanwhile=_delete_first,
    ),
    Post(
        "/leads/{lead_id}/restore", "restore_lead", 200, _deleted_lead, other_body={"now": True},
        meanwhile=_delete,
    ),
    Post(
        "/leads/{lead_id}/activities", "add_activity", 201, _lead, NOTE,
        other_body={"type": "call", "text": "Asked for a demo."},
    ),
    Post(
        "/leads/{lead_id}/summarize", "request_summary", 202, _lead, other_body={"now": True},
        meanwhile=_work_off,
    ),
    Post(
        "/leads/{lead_id}/summaries/{run_id}/requeue", "requeue_summary", 202, _ended_run,
        other_body={"now": True}, meanwhile=_work_off,
    ),
    Post(
        "/leads/summarize", "summarize_leads", 202, body={"limit": 10}, other_body={"limit": 11},
        meanwhile=_work_off,
    ),
    Post("/sync", "start_sync", 202, other_body={"now": True}),
    Post(
        "/sync/runs/{run_id}/retry", "retry_rejects", 202, _run_with_rejects,
        other_body={"now": True}, meanwhile=_work_off_syncs,
    ),
]  # fmt: skip
