"""Files keep every source's promises, in each format."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.lead_sources.file import FileSource
from domain.errors import LeadSourceFailed
from tests.contracts.lead_sources import LeadSourceContract, batches, offered, valid


def rows(count: int = 10) -> list[dict[str, Any]]:
    return [{"name": f"Ada {n}", "email": f"ada{n}@example.com"} for n in range(count)]


def write(folder: Path, ending: str, some: list[Any]) -> FileSource:
    path = folder / f"leads{ending}"
    if ending == ".csv":
        lines = [",".join(row.values()) if row else "nonsense" for row in some]
        path.write_text("\n".join(["name,email", *lines]))
    elif ending == ".json":
        path.write_text(json.dumps(some))
    else:
        path.write_text("\n".join(json.dumps(row) if row else "{nonsense" for row in some))
    return FileSource(path)


@pytest.mark.parametrize("ending", [".json", ".ndjson", ".jsonl", ".csv"])
class TestFileSource(LeadSourceContract):
    adapter = "lead_sources.file"

    @pytest.fixture
    def source(self, tmp_path: Path, ending: str) -> FileSource:
        return write(tmp_path, ending, rows())

    @pytest.fixture
    def broken(self, tmp_path: Path, ending: str) -> FileSource:
        return write(tmp_path, ending, [None, *rows(9)])


def a_file(folder: Path, name: str, content: bytes) -> FileSource:
    (folder / name).write_bytes(content)
    return FileSource(folder / name)


async def test_column_names_may_be_written_as_people_write_them(tmp_path: Path) -> None:
    source = a_file(
        tmp_path,
        "leads.csv",
        b"\xef\xbb\xbfName,E-Mail,EMAIL,Job Title,job-title2\r\n"
        b'"Ada, L.",x,ada@example.com,CTO,y\r\n',
    )

    (row,) = await offered(source)

    assert row.fields == {"name": "Ada, L.", "email": "ada@example.com", "job_title": "CTO"}


async def test_what_is_ours_is_not_taken_from_a_file(tmp_path: Path) -> None:
    source = a_file(
        tmp_path,
        "leads.json",
        b'[{"name": "Ada", "email": "a@b.co", "source": "x", "id": 1, "summary": "s"}]',
    )

    (row,) = await offered(source)

    assert set(row.fields) == {"name", "email"}


@pytest.mark.parametrize("key", ["results", "items"])
async def test_a_list_may_be_wrapped(tmp_path: Path, key: str) -> None:
    source = a_file(tmp_path, "leads.json", json.dumps({key: rows(2)}).encode())

    assert len(valid(await offered(source))) == 2


async def test_large_files_come_in_batches(tmp_path: Path) -> None:
    source = write(tmp_path, ".ndjson", rows(2_500))

    assert [len(batch) for batch in await batches(source)] == [1_000, 1_000, 500]


@pytest.mark.parametrize(
    ("name", "content", "type"),
    [
        ("leads.xlsx", b"PK", "malformed"),
        ("leads.json", b"{", "malformed"),
        ("leads.json", b"5", "malformed"),
        ("leads.json", b'{"results": {}}', "malformed"),
        ("leads.json", b"[" * 100_000, "malformed"),
        ("leads.csv", "name\nZo\u00eb".encode("latin-1"), "malformed"),
        ("leads.csv", b'name,email\n"' + b"x" * 200_000, "malformed"),
    ],
)
async def test_a_file_that_cannot_be_read_is_a_typed_failure(
    tmp_path: Path, name: str, content: bytes, type: str
) -> None:
    with pytest.raises(LeadSourceFailed) as told:
        await offered(a_file(tmp_path, name, content))

    assert told.value.type == type


async def test_a_missing_file_is_a_typed_failure(tmp_path: Path) -> None:
    with pytest.raises(LeadSourceFailed) as told:
        await offered(FileSource(tmp_path / "none.csv"))

    assert told.value.type == "unavailable"
