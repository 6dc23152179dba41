"""An import whose worker is killed on the way: each row is merged and counted once."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from random import Random

import asyncpg  # type: ignore[import-untyped]
import pytest

from tests.chaos.seed import SEED
from tests.contracts.http_imports import NDJSON, counts_of, exact, ndjson, rows_of
from tests.engines.postgres import OwnPostgres
from tests.processes import KEY, Process, api_of, eventually, free_port, run_program, running

SECONDS = 120.0
ROWS = 8_000


@pytest.mark.timeout(300)
def test_a_killed_import_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    point = Random(SEED).randrange(0, ROWS - 2_000, 500)
    with ExitStack() as stack:
        environ = {
            "DATABASE_URL": stack.enter_context(OwnPostgres(durable=False)).url,
            "API_SECRET_KEY": KEY,
            "CRM_LEASE": "1 s",
            "CRM_SWEEP": "200 ms",
        }
        assert run_program("migrate", environ=environ, folder=tmp_path).returncode == 0
        api = stack.enter_context(
            running("api", {**environ, "CRM_PORT": str(free_port())}, tmp_path)
        )
        client = stack.enter_context(api_of(api))
        asked = client.post("/leads/import", content=ndjson(rows_of(ROWS)), headers=NDJSON)
        where = asked.headers["location"]
        worker = Process("worker", environ, tmp_path)
        stack.callback(worker.kill)

        def is_there() -> bool:
            run = client.get(where).json()
            return bool(run["state"] == "running" and run["fetched"] >= point)

        eventually(is_there, SECONDS)
        worker.kill()
        killed_at = client.get(where).json()["fetched"]
        stack.enter_context(running("worker", environ, tmp_path))
        eventually(lambda: client.get(where).json()["finished_at"], SECONDS)
        run = client.get(where).json()
        rejected = client.get(f"{where}/rejects", params={"limit": 200}).json()["items"]
        stored = asyncio.run(_stored(environ["DATABASE_URL"]))

    print(f"seed {SEED}: {ROWS} rows, killed at {killed_at}: {counts_of(run)}")
    assert run["state"] == "succeeded"
    assert killed_at < ROWS
    assert counts_of(run) == exact(ROWS)
    assert [row["position"] for row in rejected] == list(range(1, ROWS // 100 + 1))
    assert stored == (exact(ROWS)["created"],) * 3 + (0,)


async def _stored(database_url: str) -> tuple[int, ...]:
    """Leads, their addresses, what is told of them, and chunks that are left."""
    connection = await asyncpg.connect(database_url)
    counts = "count(*), count(DISTINCT email_key), (SELECT count(*) FROM timeline)"
    left = "(SELECT count(*) FROM staged_chunks)"
    found = await connection.fetchrow(f"SELECT {counts}, {left} FROM leads")
    await connection.close()
    return tuple(found)
