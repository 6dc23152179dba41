"""`smart-crm import`: a file through a running API, and what its exit code says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bad_requests import GOOD
from tests.contracts.http_imports import ndjson
from tests.processes import KEY, Process, api_of, free_port, run_program, running


@pytest.fixture
def served(empty_sqlite_url: str, tmp_path: Path) -> Iterator[Process]:
    with running("serve", environ_of(empty_sqlite_url), tmp_path) as process:
        yield process


def environ_of(url: str) -> dict[str, str]:
    return {"DATABASE_URL": url, "API_SECRET_KEY": KEY, "CRM_PORT": str(free_port())}


def ran(url: str, file: Path, content: bytes, *options: str) -> tuple[int, str]:
    file.write_bytes(content)
    done = run_program("import", str(file), *options, environ=environ_of(url), folder=file.parent)
    return done.returncode, done.stdout + done.stderr


def test_a_file_is_imported_through_the_server_of_its_database(
    served: Process, empty_sqlite_url: str, tmp_path: Path
) -> None:
    code, told = ran(empty_sqlite_url, tmp_path / "leads.ndjson", ndjson([GOOD]))

    assert code == 0, told
    assert "succeeded, 1 rows: 1 created" in told
    with api_of(served) as client:
        assert client.get("/leads").json()["items"][0]["source"] == "import"


def test_rejected_rows_are_told_by_the_exit_code_and_where_they_are(
    served: Process, empty_sqlite_url: str, tmp_path: Path
) -> None:
    code, told = ran(empty_sqlite_url, tmp_path / "leads.csv", b"Who,To\nAda,nowhere\n",
        "--mapping", "Who=name,To=email", "--source", "fair", "--url", served.url,
    )  # fmt: skip

    assert code == 1, told
    assert "1 invalid" in told
    with api_of(served) as client:
        where = told.split("rejected rows: ")[1].strip()
        assert "nowhere" in client.get(where).text


def test_a_dry_run_writes_no_lead(served: Process, empty_sqlite_url: str, tmp_path: Path) -> None:
    code, told = ran(empty_sqlite_url, tmp_path / "leads.ndjson", ndjson([GOOD]), "--dry-run")

    assert (code, "dry run succeeded" in told) == (0, True), told
    with api_of(served) as client:
        assert client.get("/leads").json()["items"] == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("leads.csv", "Name,E-mail\nJosé,j@example.com\n".encode("latin-1"), "CSV UTF-8"),
        ("long.csv", b"Name,E-mail\n\xff\n" + b"x,y\n" * 4_000_000, "CSV UTF-8"),
        ("leads.xlsx", b"PK", "must end in one of"),
    ],
    ids=["latin-1", "long", "xlsx"],
)
@pytest.mark.usefixtures("served")
def test_what_is_not_taken_is_told_in_one_line(
    empty_sqlite_url: str, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    code, output = ran(empty_sqlite_url, tmp_path / name, content)

    assert code == 2
    assert told in output.splitlines()[-1]


def test_an_api_that_is_not_there_is_told(empty_sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_bytes(b"name,email\n")

    done = run_program("import", "leads.csv", environ=environ_of(empty_sqlite_url), folder=tmp_path)

    assert done.returncode == 2
    assert "is the API running there?" in done.stderr
