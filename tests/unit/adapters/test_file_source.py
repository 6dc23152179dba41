"""Files keep every source's promises, in each format."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from adapters.lead_sources import file
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

    @pytest.fixture
    def unreadable(self, tmp_path: Path, ending: str) -> FileSource:
        return FileSource(tmp_path / f"none{ending}")


def a_file(folder: Path, name: str, content: bytes) -> FileSource:
    (folder / name).write_bytes(content)
    return FileSource(folder / name)


async def test_column_names_may_be_written_as_people_write_them(tmp_path: Path) -> None:
    source = a_file(
        tmp_path,
        "leads.csv",
        b'\xef\xbb\xbfName,E-Mail,Job Title,job-title2\r\n"Ada, L.",ada@example.com,CTO,y\r\n',
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


async def test_the_status_may_be_stated_and_blank_cells_say_nothing(tmp_path: Path) -> None:
    source = a_file(
        tmp_path,
        "leads.csv",
        b"name,email,phone,company,status,external_id\nAda,a@b.co,,  ,qualified\n",
    )

    (row,) = await offered(source)

    assert row.fields == {"name": "Ada", "email": "a@b.co", "status": "qualified"}


async def test_values_keep_the_type_they_have(tmp_path: Path) -> None:
    source = a_file(tmp_path, "leads.ndjson", b'{"name": 5, "email": ["a@b.co"], "phone": null}')

    (row,) = await offered(source)

    assert row.fields == {"name": 5, "email": ["a@b.co"]}


@pytest.mark.parametrize("ending", [".json", ".ndjson", ".csv"])
async def test_a_byte_order_mark_is_no_part_of_the_first_row(tmp_path: Path, ending: str) -> None:
    write(tmp_path, ending, rows(2))
    plain = (tmp_path / f"leads{ending}").read_bytes()

    source = a_file(tmp_path, f"marked{ending}", b"\xef\xbb\xbf" + plain)

    assert len(valid(await offered(source))) == 2


@pytest.mark.parametrize("separator", ["\u2028", "\u0085"])
async def test_only_line_feeds_end_a_line_of_ndjson(tmp_path: Path, separator: str) -> None:
    row = json.dumps({**rows(1)[0], "notes": f"a{separator}b"}, ensure_ascii=False)

    source = a_file(tmp_path, "leads.ndjson", f"{row}\r\n\r\n{row}".encode())

    assert [row.fields["notes"] for row in await offered(source)] == [f"a{separator}b"] * 2


async def test_a_line_that_is_not_json_is_offered_with_what_is_wrong(tmp_path: Path) -> None:
    source = a_file(tmp_path, "leads.ndjson", b'{"name": "Ada", "email": "a@b.co"}\n{"na\n')

    _, broken = await offered(source)

    assert broken.problem is not None
    assert broken.problem.detail == "line 2: it is not JSON"


async def test_a_cell_may_hold_commas_quotes_and_line_feeds(tmp_path: Path) -> None:
    source = a_file(tmp_path, "leads.csv", b'notes,email\r\n"a, ""b""\r\nc",a@b.co\r\n')

    (row,) = await offered(source)

    assert row.fields["notes"] == 'a, "b"\r\nc'


async def test_a_stray_quote_costs_its_row_and_no_other(tmp_path: Path) -> None:
    source = a_file(tmp_path, "leads.csv", b'name,email\nAda,a@b.co\n"Eve" Q,e@b.co\nBo,b@b.co\n')

    found = await offered(source)

    assert (len(found), valid(found)) == (3, ["a@b.co", "b@b.co"])


async def test_large_files_come_in_batches(tmp_path: Path) -> None:
    source = write(tmp_path, ".ndjson", rows(2_500))

    assert [len(batch) for batch in await batches(source)] == [1_000, 1_000, 500]


async def test_the_file_is_read_anew_each_time(tmp_path: Path) -> None:
    source = write(tmp_path, ".ndjson", rows(1))
    await offered(source)

    write(tmp_path, ".ndjson", rows(3))

    assert len(await offered(source)) == 3


@pytest.mark.parametrize(
    ("name", "content", "type", "detail"),
    [
        ("leads.xlsx", b"PK", "malformed", "must end in"),
        ("leads.json", b"{", "malformed", "not JSON"),
        ("leads.json", b"5", "malformed", "no list"),
        ("leads.json", b'{"results": {}}', "malformed", "no list"),
        ("leads.json", b"[" * 100_000, "malformed", "not JSON"),
        ("leads.csv", b'"name"x,email\nAda,a@b.co', "malformed", "not CSV"),
        ("leads.csv", b'name,email\n"' + b"x" * 200_000, "malformed", "line 2"),
        ("leads.csv", b'name,email\n"Ada,a@b.co\nBo,b@b.co', "malformed", "line 2"),
    ],
)
async def test_a_file_that_makes_no_sense_is_refused_in_a_clear_line(
    tmp_path: Path, name: str, content: bytes, type: str, detail: str
) -> None:
    with pytest.raises(LeadSourceFailed, match=detail) as told:
        await offered(a_file(tmp_path, name, content))

    assert told.value.type == type


@pytest.mark.parametrize(
    ("ending", "encoding"),
    [
        (".json", "latin-1"),
        (".ndjson", "latin-1"),
        (".csv", "latin-1"),
        (".json", "utf-16"),
        (".ndjson", "utf-16"),
    ],
)
async def test_another_encoding_is_refused_before_the_first_row(
    tmp_path: Path, ending: str, encoding: str
) -> None:
    write(tmp_path, ending, rows(1_500))
    text = (tmp_path / f"leads{ending}").read_text() + "\u00eb"

    with pytest.raises(LeadSourceFailed, match="UTF-8") as told:
        await anext(a_file(tmp_path, f"old{ending}", text.encode(encoding)).fetch())

    assert told.value.type == "malformed"


async def test_what_is_no_file_is_a_typed_failure(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").symlink_to(os.devnull)

    with pytest.raises(LeadSourceFailed) as told:
        await offered(FileSource(tmp_path / "leads.csv"))

    assert told.value.type == "unavailable"


async def test_a_file_beyond_the_cap_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "MAX_BYTES", 10)

    with pytest.raises(LeadSourceFailed) as told:
        await offered(write(tmp_path, ".csv", rows(1)))

    assert told.value.type == "too_large"
