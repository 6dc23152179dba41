"""The distributed mode: three processes on PostgreSQL, Redis and a Gemini that takes its time."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.bad_requests import TELLING
from tests.fakes.gemini import KEY as GEMINI_KEY
from tests.fakes.gemini import FakeGemini
from tests.fakes.language_model import Mood
from tests.fakes.randomuser import FakeRandomUser
from tests.processes import (
    KEY,
    Process,
    api_of,
    eventually,
    free_port,
    lead_when,
    run_program,
    running,
)


@pytest.fixture(scope="module")
def gemini() -> Iterator[FakeGemini]:
    with FakeGemini(mood=Mood(delay=3.0)) as gemini:
        yield gemini


@pytest.fixture(scope="module")
def source() -> Iterator[FakeRandomUser]:
    with FakeRandomUser() as source:
        yield source


@pytest.fixture(scope="module")
def api(
    new_database: Callable[[], str],
    redis_url: str,
    gemini: FakeGemini,
    source: FakeRandomUser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Process]:
    """The API process, with a worker and a cron beside it."""
    folder = tmp_path_factory.mktemp("distributed")
    environ = {
        "DATABASE_URL": new_database(),
        "REDIS_URL": redis_url,
        "API_SECRET_KEY": KEY,
        "GEMINI_API_KEY": GEMINI_KEY,
        "GEMINI_BASE_URL": gemini.url,
        "RANDOMUSER_URL": f"{source.url}/api/",
        "CRM_SOURCE_ALLOW_PRIVATE": "true",
        "CRM_SYNC_CRON": "* * * * *",
        "CRM_SUMMARY_RETRY_BASE": "1 h",
        "CRM_PORT": str(free_port()),
    }
    migrated = run_program("migrate", environ=environ, folder=folder)
    assert migrated.returncode == 0, migrated.stderr
    with ExitStack() as stack:
        api = stack.enter_context(running("api", environ, folder))
        for command in ("worker", "cron"):
            stack.enter_context(running(command, {**environ, "CRM_PORT": ""}, folder))
        yield api


@pytest.fixture
def client(api: Process) -> Iterator[httpx.Client]:
    with api_of(api) as client:
        yield client


def new_lead(client: httpx.Client, email: str) -> dict[str, Any]:
    lead: dict[str, Any] = client.post("/leads", json={**TELLING, "email": email}).json()
    return lead


def test_the_api_answers_processing_long_before_the_ai_does(
    client: httpx.Client, gemini: FakeGemini
) -> None:
    lead = new_lead(client, "slow@example.com")

    asked = client.post(f"/leads/{lead['id']}/summarize")
    waiting = client.get(f"/leads/{lead['id']}").json()
    done = lead_when(client, lead["id"], summary_status="ready")
    run = client.get(asked.headers["location"]).json()

    assert (asked.status_code, asked.json()["status"]) == (202, "processing")
    assert (waiting["summary_status"], waiting["summary"]) == ("processing", None)
    assert "Grace Hopper" in done["summary"]
    assert done["next_action"]
    assert (run["state"], run["provider"], run["attempts"]) == ("succeeded", "gemini", 1)


def test_many_requests_for_one_lead_make_one_call(client: httpx.Client, gemini: FakeGemini) -> None:
    lead = new_lead(client, "popular@example.com")
    before = len(gemini.mood.calls)

    runs = {client.post(f"/leads/{lead['id']}/summarize").json()["run_id"] for _ in range(20)}
    lead_when(client, lead["id"], summary_status="ready")

    assert len(runs) == 1
    assert len(gemini.mood.calls) - before == 1


def test_the_scheduler_syncs_once_a_slot_and_a_sync_by_hand_adds_nothing(
    client: httpx.Client,
) -> None:
    def ended() -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = client.get("/sync/runs").json()["items"]
        return [row for row in rows if row["state"] not in {"pending", "running"}]

    scheduled = eventually(ended, seconds=90)[0]
    by_hand = client.post("/sync").json()["id"]
    again = eventually(
        lambda: next((row for row in ended() if row["id"] == by_hand), None), seconds=30
    )

    assert (scheduled["state"], scheduled["fetched"], scheduled["created"]) == ("succeeded", 10, 10)
    assert again is not None
    assert (again["created"], again["unchanged"]) == (0, 10)


def test_an_ai_that_is_killed_leaves_a_typed_error_and_no_text(
    client: httpx.Client, gemini: FakeGemini
) -> None:
    """The last test here: there is no AI after it."""
    lead = new_lead(client, "unlucky@example.com")
    asked = client.post(f"/leads/{lead['id']}/summarize")
    eventually(lambda: gemini.mood.calls[-1].facts["email"] == "unlucky@example.com")

    gemini.server.stop()

    def failed() -> dict[str, Any] | None:
        run: dict[str, Any] = client.get(asked.headers["location"]).json()
        return run if run["error"] else None

    run = eventually(failed)
    assert run is not None
    assert (run["error"]["type"], run["state"], run["attempts"]) == ("unavailable", "pending", 1)
    assert run["next_attempt_at"]
    shown = client.get(f"/leads/{lead['id']}").json()
    assert (shown["summary"], shown["next_action"]) == (None, None)
