"""A worker that is killed in the middle of a sync: its rejected rows are those of a quiet run."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.processes import KEY, Process, api_of, eventually, free_port, run_program, running

pytestmark = pytest.mark.timeout(300)
ROWS, BROKEN_EVERY = 6_000, 40


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    people = (
        f"Ada {n},{'nowhere' if n % BROKEN_EVERY == 0 else f'a{n}@example.com'}"
        for n in range(ROWS)
    )
    file = tmp_path / "people.csv"
    file.write_text("\n".join(["name,email", *people]))
    return {
        "API_SECRET_KEY": KEY,
        "CRM_LEAD_SOURCE": "file",
        "CRM_LEAD_FILE": str(file),
        "CRM_LEASE": "1 s",
        "CRM_SWEEP": "200 ms",
    }


@pytest.fixture(params=[pytest.param("sqlite", marks=pytest.mark.chaos), "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Of two new databases."""
    if request.param == "sqlite":
        return [f"sqlite:///{tmp_path}/{name}/crm.db" for name in ("quiet", "killed")]
    new_database = request.getfixturevalue("new_database")
    return [new_database(), new_database()]


def serving(environ: dict[str, str], folder: Path, stack: ExitStack) -> Process:
    port = {"CRM_PORT": str(free_port())}
    return stack.enter_context(running("serve", {**environ, **port}, folder))


def ended(client: httpx.Client, run: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        seen: dict[str, Any] = client.get(run).json()
        return seen if seen["state"] not in {"pending", "running"} else None

    found = eventually(look, 60)
    assert found is not None
    return found


def quarantine(client: httpx.Client, run: str) -> list[Any]:
    items, cursor = list[Any](), ""
    while cursor is not None:
        page = client.get(f"{run}/rejects?limit=200{cursor}").json()
        items += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    return items


def test_a_killed_worker_leaves_the_rejects_of_an_undisturbed_run(
    urls: list[str], environ: dict[str, str], tmp_path: Path
) -> None:
    quiet, killed = ({**environ, "DATABASE_URL": url} for url in urls)
    for each in (quiet, killed):
        assert run_program("migrate", environ=each, folder=tmp_path).returncode == 0
    with ExitStack() as stack:
        with api_of(serving(quiet, tmp_path, stack)) as client:
            run = client.post("/sync").headers["location"]
            expected = ended(client, run)
            rejects = quarantine(client, run)
            text = client.get(f"{run}/rejects.csv").text

        victim = serving(killed, tmp_path, stack)
        with api_of(victim) as client:
            run = client.post("/sync").headers["location"]
            eventually(lambda: client.get("/leads?limit=1").json()["items"])
            victim.kill()
        with api_of(serving(killed, tmp_path, stack)) as client:
            found = ended(client, run)
            assert quarantine(client, run) == rejects
            assert client.get(f"{run}/rejects.csv").text == text

    assert found["unchanged"] > 0, "it was not killed in the middle"
    assert found["created"] + found["unchanged"] == expected["created"]
    assert found["rejects_kept"] == expected["rejects_kept"] == ROWS // BROKEN_EVERY
    assert len({item["position"] for item in rejects}) == len(rejects) == ROWS // BROKEN_EVERY
