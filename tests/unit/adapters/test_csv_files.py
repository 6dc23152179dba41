"""CSV files, byte by byte as spreadsheets write them: read, or refused by one clear line."""

import codecs
import logging
from io import BytesIO
from typing import Any

import pytest

from adapters.lead_sources._csv import leads_in
from domain.errors import InvalidLead, LeadSourceFailed
from domain.incoming import IncomingLead

HEADER = "Name,E-Mail,Phone,Notes\r\n"
ADA = {"name": "Ada", "email": "ada@example.com"}


def read(content: bytes) -> list[IncomingLead]:
    return list(leads_in(BytesIO(content)))


def fields(content: bytes) -> list[Any]:
    return [row.fields for row in read(content)]


def reasons(row: IncomingLead) -> list[tuple[str, str]]:
    with pytest.raises(InvalidLead) as told:
        row.details("file")
    return [(problem.field, problem.code) for problem in told.value.problems]


SHEET = 'Name;E-Mail;Firma;Notizen\r\nZoë Müller;zoe@example.com;"Müller; Söhne";"a\r\n""b"""\r\n'
SHEET_ROW = {
    "name": "Zoë Müller",
    "email": "zoe@example.com",
    "company": "Müller; Söhne",
    "notes": 'a\r\n"b"',
}
SAVED_AS: dict[str, bytes] = {
    "CSV UTF-8 by a German Excel": codecs.BOM_UTF8 + SHEET.encode(),
    "CSV UTF-8 by an English Excel": codecs.BOM_UTF8
    + b"Name,E-Mail,Firma,Notizen\r\nZo\xc3\xab M\xc3\xbcller,zoe@example.com,"
    + 'Müller; Söhne,"a\r\n""b"""\r\n'.encode(),
    "Unicode Text": codecs.BOM_UTF16_LE
    + SHEET.replace("Müller; Söhne", "Müller\v Söhne")
    .replace(";", "\t")
    .replace("\v", ";")
    .encode("utf-16-le"),
    "UTF-16, the other way round": codecs.BOM_UTF16_BE + SHEET.encode("utf-16-be"),
    "with a line that tells the separator": codecs.BOM_UTF8 + b"sep=;\r\n" + SHEET.encode(),
    "without a mark": SHEET.encode(),
    "without a last line end": codecs.BOM_UTF8 + SHEET.rstrip().encode(),
    "with an empty column left over": SHEET.replace("\r\nZ", ";\r\nZ").encode(),
    "with separators left over": SHEET.replace('"\r\n', '";;;\r\n').encode(),
    "with blank lines": SHEET.replace("\r\nZ", "\r\n\r\nZ").encode() + b"\r\n\r\n",
    "with every cell quoted": (
        '"Name";"E-Mail";"Firma";"Notizen"\r\n'
        '"Zoë Müller";"zoe@example.com";"Müller; Söhne";"a\r\n""b"""\r\n'
    ).encode(),
}


@pytest.mark.parametrize("how", SAVED_AS)
def test_a_sheet_is_the_same_however_it_was_saved(how: str) -> None:
    assert fields(SAVED_AS[how]) == [SHEET_ROW]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_lines_end_as_on_any_system(end: str) -> None:
    lines = ["name,email", "Ada,ada@example.com", "Bo,bo@example.com"]

    assert len(fields(end.join(lines).encode())) == 2


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp1250", "mac-roman"])
def test_an_old_encoding_is_refused_with_what_to_do(encoding: str) -> None:
    rows = "Bo;bo@example.com;;\r\n" * 50_000
    content = SHEET[:27] + rows + "Zoë;zoe@example.com;;\r\n"

    with pytest.raises(LeadSourceFailed, match="in line 50002: save it anew, in Excel as") as told:
        next(leads_in(BytesIO(content.encode(encoding))))

    assert told.value.type == "malformed"
    assert "\n" not in told.value.detail


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04\x14\x00\x00\xff", codecs.BOM_UTF16_LE + b"a\xd8b"]
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(LeadSourceFailed, match="save it anew"):
        read(content)


@pytest.mark.parametrize(
    "content", [b"Ada,ada@example.com\r\n", b"name,phone\r\n", b"x" * 2_000_000]
)
def test_a_header_without_an_address_is_refused(content: bytes) -> None:
    with pytest.raises(LeadSourceFailed, match=r"header|too long") as told:
        read(content)

    assert told.value.type == "malformed"
    assert "ada" not in told.value.detail.lower()


@pytest.mark.parametrize("content", [b"", codecs.BOM_UTF8, b"\r\n", b"Name,E-Mail\r\n"])
def test_a_file_without_rows_offers_nobody(content: bytes) -> None:
    assert read(content) == []


def test_columns_that_fill_nothing_are_told_once_and_without_data(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        read(b"Name,secret@example.com,E-Mail,Gender\r\n" + b"Ada,x,ada@example.com,f\r\n" * 3)

    (record,) = caplog.records
    assert record.__dict__["columns"] == [2, 4]
    assert "secret" not in caplog.text


BROKEN_ROWS: dict[str, tuple[bytes, list[tuple[str, str]]]] = {
    "NUL": (b"A\0da,ada@example.com,,", [("name", "characters")]),
    "ten megabytes": (b"Ada,ada@example.com,," + b"x" * 10_000_000, [("row", "malformed")]),
    "ten quoted megabytes": (
        b'Ada,ada@example.com,,"' + b"x\r\n" * 3_000_000 + b'"', [("row", "malformed")],
    ),
    "ten quoted megabytes with quotes": (
        b'Ada,ada@example.com,,"' + b'x""y' * 2_500_000 + b'"', [("row", "malformed")],
    ),
    "one quoted cell that is too long": (
        b'Ada,ada@example.com,,"' + b"x\r\n" * 50_000 + b'"', [("row", "malformed")],
    ),
    "a long cell": (b"Ada,ada@example.com,," + b"x" * 20_000, [("notes", "too_long")]),
    "more cells than columns": (b"Ada,ada@example.com,,,and,more", [("row", "ragged")]),
    "a quote astray": (b'"Ada" L,ada@example.com,,', [("row", "malformed")]),
    "nothing but a word": (b"nonsense", [("email", "required")]),
    "nothing but separators": (b",,,", [("name", "required"), ("email", "required")]),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN_ROWS)
def test_a_broken_row_is_offered_as_such_and_costs_no_other(what: str) -> None:
    line, expected = BROKEN_ROWS[what]
    good = b"Bo,bo@example.com,1,n\r\n"

    first, broken, last = read(HEADER.encode() + good + line + b"\r\n" + good)

    assert reasons(broken) == expected
    assert first.fields == last.fields
    assert first.details("file").name == "Bo"


@pytest.mark.parametrize("what", ["ten megabytes", "more cells than columns", "a quote astray"])
def test_a_row_that_could_not_be_read_stays_broken_without_its_problem(what: str) -> None:
    (row,) = read(HEADER.encode() + BROKEN_ROWS[what][0])

    assert ("row", "unknown_field") in reasons(IncomingLead(row.fields))
    assert len(str(row.fields)) < 2_000


def test_a_row_that_ends_early_has_blanks_as_excel_leaves_them_out() -> None:
    assert fields(HEADER.encode() + b"Ada,ada@example.com") == [ADA]


def test_a_quote_that_is_never_closed_fails_the_file_after_what_is_sure() -> None:
    rows = leads_in(BytesIO(HEADER.encode() + b'Ada,ada@example.com\r\n"Bo,b@b.co\r\nC,c@c.co\r\n'))

    assert next(rows).fields == ADA
    with pytest.raises(LeadSourceFailed, match="line 3 is never closed"):
        next(rows)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'=1+1", "=1+1"),
        ("'+44 20 7946 0000", "+44 20 7946 0000"),
        ("'-", "-"),
        ("'@ada", "@ada"),
        ("''=1", "'=1"),
        ("'s Gravenhage", "'s Gravenhage"),
        ("O'=Hara", "O'=Hara"),
    ],
)
def test_the_apostrophe_that_an_export_writes_is_taken_off(cell: str, text: str) -> None:
    (row,) = fields(f"email,notes\r\nada@example.com,{cell}\r\n".encode())

    assert row["notes"] == text


def test_the_file_stays_open_for_whoever_opened_it() -> None:
    file = BytesIO(HEADER.encode())

    list(leads_in(file))

    assert not file.closed
