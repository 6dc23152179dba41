"""`smart-crm export`: the file that the API would send."""

from pathlib import Path

import pytest

from tests.bad_requests import GOOD
from tests.processes import KEY, run_program
from tests.systems import a_client, a_system


@pytest.mark.parametrize("form", ["csv", "ndjson"])
async def test_the_command_writes_what_the_api_exports(
    empty_sqlite_url: str, tmp_path: Path, form: str
) -> None:
    environ = {"DATABASE_URL": empty_sqlite_url, "API_SECRET_KEY": KEY}
    wanted = {"name": "=1+1", "source": "fair", "status": "qualified"}
    query = {"format": form, "source": "fair", "status": "qualified", "bom": "true"}
    async with a_system(environ) as system, a_client(system) as client:
        for lead in (GOOD, {**GOOD, **wanted, "email": "fair@example.com"}):
            assert (await client.post("/leads", json=lead)).status_code == 201
        exported = (await client.get("/leads/export", params=query)).content

    options = ("--format", form, "--source", "fair", "--status", "qualified", "--bom")
    ran = run_program("export", *options, environ=environ, folder=tmp_path)

    assert (ran.returncode, ran.stderr) == (0, "")
    # text is read with its line ends made plain
    assert ran.stdout.encode() == exported.replace(b"\r\n", b"\n")
    assert ran.stdout.count("fair@example.com") == 1


def test_an_export_that_cannot_be_made_is_told_and_fails(tmp_path: Path) -> None:
    never_migrated = f"sqlite:///{tmp_path}/crm.db"
    environ = {"DATABASE_URL": never_migrated, "API_SECRET_KEY": KEY}

    ran = run_program("export", environ=environ, folder=tmp_path)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("smart-crm: ")
