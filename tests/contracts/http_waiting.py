"""What the API promises to those who wait for a summary run, over any database."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from application.run_watch import RunWatch
from entrypoints.container import System
from tests.bad_requests import GOOD, NOBODY
from tests.streams import streamed
from tests.systems import a_client, work_off_summaries
from tests.turns import until

SOON = 5
"""Seconds for what is at once: far less than any wait that is asked for here."""
LONG = {"prefer": "wait=30"}
NO_WISH = [
    "wait",
    "wait=",
    "wait=soon",
    "wait=-1",
    "wait=1.5",
    "wait=1e1",
    "wait=\u0663",
    "await=9",
]
WISHES = ["wait=30", "WAIT = 30", 'wait="30"', "respond-async, wait=30; x=y", "wait=30, wait=1"]


async def requested(client: httpx.AsyncClient) -> str:
    """The path of a pending run of a new lead."""
    lead = (await client.post("/leads", json=GOOD)).json()
    location: str = (await client.post(f"/leads/{lead['id']}/summarize")).headers["location"]
    return location


async def done(client: httpx.AsyncClient, system: System) -> str:
    """The path of a run that has succeeded."""
    run = await requested(client)
    await work_off_summaries(system)
    return run


def watch_of(system: System) -> RunWatch:
    return system.crm.await_run.watch


class HttpWaitingContract:
    """Inherit it with a `system` fixture; nobody works there unless the test does."""

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[httpx.AsyncClient]:
        async with a_client(system) as client:
            yield client

    async def test_who_waits_is_answered_as_soon_as_the_run_ends(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await requested(client)

        answer = asyncio.create_task(client.get(run, headers=LONG))
        await until(lambda: watch_of(system).waiting)
        await work_off_summaries(system)
        response = await asyncio.wait_for(answer, SOON)

        assert (response.status_code, response.json()["state"]) == (200, "succeeded")
        assert response.headers["preference-applied"] == "wait=30"
        assert response.headers["vary"] == "prefer"

    async def test_who_waits_in_vain_is_told_how_it_is(self, client: httpx.AsyncClient) -> None:
        run, started = await requested(client), time.monotonic()

        response = await client.get(run, headers={"prefer": "wait=1"})

        assert time.monotonic() - started >= 1
        assert (response.status_code, response.json()["state"]) == (200, "pending")
        assert response.headers["preference-applied"] == "wait=1"

    async def test_to_wait_for_no_time_is_not_to_wait(self, client: httpx.AsyncClient) -> None:
        run = await requested(client)

        response = await asyncio.wait_for(client.get(run, headers={"prefer": "wait=0"}), SOON)

        assert response.headers["preference-applied"] == "wait=0"
        assert response.json()["state"] == "pending"

    @pytest.mark.parametrize("wish", NO_WISH)
    async def test_what_is_no_wish_to_wait_is_ignored(
        self, client: httpx.AsyncClient, wish: str
    ) -> None:
        run = await requested(client)

        response = await asyncio.wait_for(
            client.get(run, headers=[(b"prefer", wish.encode())]),
            SOON,
        )

        assert (response.status_code, response.json()["state"]) == (200, "pending")
        assert "preference-applied" not in response.headers

    @pytest.mark.parametrize("wish", [*WISHES, "wait=31", "wait=" + "9" * 5000, "wait=0000030"])
    async def test_a_wish_is_understood_and_lowered_to_half_a_minute(
        self, client: httpx.AsyncClient, system: System, wish: str
    ) -> None:
        run = await done(client, system)

        response = await asyncio.wait_for(client.get(run, headers={"prefer": wish}), SOON)

        assert response.headers["preference-applied"] == "wait=30"
        assert response.json()["state"] == "succeeded"

    async def test_a_wish_may_stand_in_any_line_of_the_header(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await done(client, system)

        response = await client.get(
            run, headers=[("prefer", "return=minimal"), ("prefer", "wait=3")]
        )

        assert response.headers["preference-applied"] == "wait=3"

    @pytest.mark.parametrize("more", ["", "/events"])
    async def test_a_run_that_is_not_there_is_not_waited_for(
        self, client: httpx.AsyncClient, more: str
    ) -> None:
        lead = (await client.post("/leads", json=GOOD)).json()
        path = f"/leads/{lead['id']}/summaries/{NOBODY}{more}"

        response = await asyncio.wait_for(client.get(path, headers=LONG), SOON)

        assert response.status_code == 404
        assert response.json()["type"] == "/problems/summary-run-not-found"

    async def test_a_stream_tells_each_state_and_ends_with_the_last(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await requested(client)

        async with streamed(client, f"{run}/events") as answer:
            events = answer.events()
            told = [await anext(events)]
            (held,) = await system.crm.run_summaries.claim(1, timedelta(seconds=15))
            told.append(await anext(events))
            await system.crm.run_summaries.perform(held)
            told += [event async for event in events]

        shown = (await client.get(run)).json()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert [event.data["state"] for event in told] == ["pending", "running", "succeeded"]
        assert told[-1].data == shown
        assert {event.name for event in told} == {"run"}
        assert len({event.id for event in told}) == 3

    async def test_who_comes_back_is_told_only_what_is_new(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        run = await requested(client)
        async with streamed(client, f"{run}/events") as answer:
            seen = await anext(answer.events())

        async with streamed(client, f"{run}/events", {"last-event-id": seen.id}) as answer:
            await until(lambda: watch_of(system).waiting)
            await work_off_summaries(system)
            told = [event async for event in answer.events()]
        last = await client.get(f"{run}/events", headers={"last-event-id": told[-1].id})

        assert seen.id not in {event.id for event in told}
        assert told[-1].data["state"] == "succeeded"
        assert (last.status_code, last.content) == (204, b"")

    async def test_a_silent_stream_shows_that_it_lives(self, system: System) -> None:
        follow = replace(system.crm.follow_run, heartbeat=timedelta(milliseconds=5))
        async with a_client(replace(system, crm=replace(system.crm, follow_run=follow))) as client:
            run = await requested(client)

            async with streamed(client, f"{run}/events") as answer:
                lines = answer.lines()
                told = [await anext(lines) for _ in range(10)]

        assert told[0] == "retry: 1000"
        assert told[6:] == [": nothing new", "", ": nothing new", ""]

    async def test_a_stream_does_not_outlive_its_time(self, system: System) -> None:
        follow = replace(system.crm.follow_run, lifetime=timedelta(0))
        async with a_client(replace(system, crm=replace(system.crm, follow_run=follow))) as client:
            run = await requested(client)

            response = await asyncio.wait_for(client.get(f"{run}/events"), SOON)

        assert response.text.count("event: run") == 1

    async def test_whoever_waits_is_let_go_when_the_process_drains(self, system: System) -> None:
        draining = asyncio.Event()
        async with a_client(system, draining) as client:
            run = await requested(client)
            answers = [
                asyncio.create_task(client.get(run, headers=LONG)),
                asyncio.create_task(client.get(f"{run}/events")),
            ]
            await until(lambda: watch_of(system).waiting == 2)

            draining.set()
            waited, followed = await asyncio.wait_for(asyncio.gather(*answers), SOON)

        assert (waited.status_code, waited.json()["state"]) == (200, "pending")
        assert (followed.status_code, followed.text.count("event: run")) == (200, 1)
        assert "retry: 1000" in followed.text

    @pytest.mark.parametrize("more", ["", "/events"])
    async def test_who_goes_away_makes_room_at_once(
        self, client: httpx.AsyncClient, system: System, more: str
    ) -> None:
        run = await requested(client)

        async with streamed(client, f"{run}{more}", LONG):
            await until(lambda: watch_of(system).waiting)

        assert watch_of(system).waiting == 0

    async def test_where_too_many_wait_nobody_else_does(
        self, client: httpx.AsyncClient, system: System
    ) -> None:
        watch_of(system).capacity = 1
        run = await requested(client)

        async with streamed(client, f"{run}/events"):
            await until(lambda: watch_of(system).waiting)
            at_once = await asyncio.wait_for(client.get(run, headers=LONG), SOON)
            refused = await asyncio.wait_for(client.get(f"{run}/events"), SOON)

        assert (at_once.status_code, at_once.json()["state"]) == (200, "pending")
        assert "preference-applied" not in at_once.headers
        assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-waiting")
        assert int(refused.headers["retry-after"]) > 0
