"""Workers that are killed at ten random points leave what an undisturbed one leaves."""

import time
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import pytest

from domain.sync import FATES
from tests.chaos.intakes import SECONDS, Intake, written
from tests.chaos.seed import SEED
from tests.contracts.http_imports import NDJSON, ndjson, rows_of
from tests.engines.postgres import OwnPostgres
from tests.processes import Process, eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]
KILLS = 10
IMPORTED, SYNCED = 40_000, 4_000
LEFT = 8_000
"""Rows of an import behind the last kill: it must not be over by then."""
A_BATCH = 0.15
"""Seconds that one takes, more or less."""


def twice(rows: list[dict[str, Any]], country: int = 49) -> list[dict[str, Any]]:
    """The second half has something to fill in what the first one brought."""
    half = rows[: len(rows) // 2]
    filling = [
        {**row, "company": "Navy", "phone": f"+{country} 30 {n:07}"} for n, row in enumerate(half)
    ]
    return half + filling


def kill_within_a_batch(worker: Process, chance: Random) -> None:
    time.sleep(chance.uniform(0, A_BATCH))
    worker.kill()


def test_an_import_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    chance, part = Random(SEED), (IMPORTED - LEFT) // KILLS
    points = [n * part + chance.randrange(part) for n in range(KILLS)]
    file = ndjson(twice(rows_of(IMPORTED)))
    with ExitStack() as stack:
        server = stack.enter_context(OwnPostgres(durable=False)).url
        quiet, killed = (Intake(stack, server, tmp_path / name) for name in ("quiet", "killed"))
        where = {
            each: each.client.post("/leads/import", content=file, headers=NDJSON).headers[
                "location"
            ]
            for each in (quiet, killed)
        }
        killed_at = []
        for point in points:
            worker = killed.worker()

            def is_there(point: int = point) -> bool:
                run = killed.run_of(where[killed])
                return bool(run["state"] == "running" and run["fetched"] >= point)

            eventually(is_there, SECONDS)
            kill_within_a_batch(worker, chance)
            run = killed.run_of(where[killed])
            assert run["state"] == "running"
            killed_at.append(run["fetched"])
        killed.worker()
        quiet.worker()
        runs = [each.ended(where[each]) for each in (quiet, killed)]
        rejects = [each.rejects(where[each]) for each in (quiet, killed)]
        stored = [each.stored() for each in (quiet, killed)]

    counts = [{fate: run[fate] for fate in (*FATES, "fetched", "state")} for run in runs]
    print(f"seed {SEED}: killed at {killed_at}: {counts[1]}")
    assert counts[0] == counts[1]
    assert counts[0]["updated"] > 0
    assert rejects[0] == rejects[1]
    assert stored[0] == stored[1]


def test_syncs_leave_the_leads_of_undisturbed_ones(tmp_path: Path) -> None:
    chance = Random(SEED)
    file = tmp_path / "people.ndjson"
    settings = {"CRM_LEAD_SOURCE": "file", "CRM_LEAD_FILE": str(file)}
    with ExitStack() as stack:
        server = stack.enter_context(OwnPostgres(durable=False)).url
        quiet, killed = (
            Intake(stack, server, tmp_path / name, **settings) for name in ("quiet", "killed")
        )
        quiet.worker()
        worker, killed_at, again = killed.worker(), [], 0
        for number in range(KILLS):
            written(file, twice(people(number), country=40 + number))
            expected = quiet.ended(where := started(quiet))
            rejects = quiet.rejects(where)

            before, point = killed.leads(), chance.randrange(SYNCED // 4)
            where = started(killed)
            eventually(lambda least=before + point: killed.leads() >= least, SECONDS)  # type: ignore[misc]
            kill_within_a_batch(worker, chance)
            killed_at.append(killed.leads() - before)
            assert killed.run_of(where)["state"] == "running"
            worker = killed.worker()
            run = killed.ended(where)

            assert killed.rejects(where) == rejects
            assert sum(run[fate] for fate in FATES) == run["fetched"] == expected["fetched"]
            assert run["invalid"] == expected["invalid"]
            again += run["unchanged"]
        stored = [each.stored() for each in (quiet, killed)]

    print(f"seed {SEED}: killed with so many new leads: {killed_at}, {again} rows read again")
    assert again > 0
    assert stored[0] == stored[1]


def people(number: int) -> list[dict[str, Any]]:
    """Others than those of another number."""
    rows = rows_of(SYNCED)
    return [{**row, "email": f"{number}-{row['email']}", "external_id": None} for row in rows]


def started(intake: Intake) -> str:
    where: str = intake.client.post("/sync").headers["location"]
    return where
