"""How much memory an API takes for a file that is uploaded: a few chunks, however large it is."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contracts.http_imports import NDJSON, ndjson, rows_of
from tests.engines.postgres import OwnPostgres
from tests.processes import KEY, Process, api_of, free_port, run_program, running

MEGABYTE = 1024 * 1024
MORE = 30 * MEGABYTE
SECONDS = 300.0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("megabytes", [20, pytest.param(100, marks=pytest.mark.chaos)])
def test_an_upload_is_never_held(megabytes: int, tmp_path: Path) -> None:
    rows = ndjson({**row, "notes": "x" * 400} for row in rows_of(2_000))
    sent = 0

    def file() -> Iterator[bytes]:
        nonlocal sent
        while sent < megabytes * MEGABYTE:
            yield rows
            sent += len(rows)

    with ExitStack() as stack:
        environ = {
            "DATABASE_URL": stack.enter_context(OwnPostgres(durable=False)).url,
            "API_SECRET_KEY": KEY,
            "CRM_PORT": str(free_port()),
        }
        assert run_program("migrate", environ=environ, folder=tmp_path).returncode == 0
        api = stack.enter_context(running("api", environ, tmp_path))
        client = stack.enter_context(api_of(api))
        # what the first upload needs once, is not for the file
        assert client.post("/leads/import", content=rows, headers=NDJSON).status_code == 202
        before = memory_of(api, "VmRSS")
        answer = client.post("/leads/import", content=file(), headers=NDJSON, timeout=SECONDS)
        most = memory_of(api, "VmHWM")

    print(f"{sent / MEGABYTE:.0f} MB uploaded: +{(most - before) / MEGABYTE:.1f} MB at most")
    assert answer.status_code == 202
    assert most - before < MORE


def memory_of(process: Process, what: str) -> int:
    """In bytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(rf"{what}:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024
