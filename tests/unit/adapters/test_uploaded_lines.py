"""NDJSON that somebody sent: members of other names, and lines that nobody can hold."""

from io import BytesIO

from adapters.lead_sources._lines import MAX_LINE, SHOWN
from adapters.lead_sources.file import ReadUpload
from domain.incoming import IncomingLead
from domain.upload import FileFormat, Upload


def read(content: bytes, **mapping: str) -> list[IncomingLead]:
    return list(ReadUpload()(BytesIO(content), Upload(FileFormat.NDJSON, mapping)))


def test_members_fill_the_fields_of_their_names_and_of_the_mapping() -> None:
    (lead,) = read(b'{"Wer": "Ada", "email": "a@b.c", "id": "7", "phone": null}\n', Wer="name")

    assert lead == IncomingLead({"name": "Ada", "email": "a@b.c"})


def test_names_may_be_written_as_people_write_them_and_blanks_say_nothing() -> None:
    (lead,) = read(b'{"Name ": "Ada", "Job Title": "CTO", "E mail": "x", "status": " "}\n')

    assert lead == IncomingLead({"name": "Ada", "job_title": "CTO"})


def test_the_last_line_needs_no_end() -> None:
    assert [lead.fields for lead in read(b'{"name": "Ada"}\r\n\r\n{"name": "Eve"}')] == [
        {"name": "Ada"},
        {"name": "Eve"},
    ]


def test_a_line_that_is_too_long_costs_only_itself() -> None:
    long, after = b"x" * (MAX_LINE * 2 + 5) + b"\n", b'{"name": "Ada"}\n'

    broken, lead = read(long + after)

    assert broken.problem is not None
    assert broken.problem.detail == "line 1: it is too long to be read"
    assert broken.fields == {"row": "x" * SHOWN}
    assert lead.fields == {"name": "Ada"}


def test_a_line_as_long_as_may_be_is_read() -> None:
    start = b'{"name": "Ada"'
    line = start + b" " * (MAX_LINE - len(start) - 2) + b"}\n"

    assert [lead.fields for lead in read(line)] == [{"name": "Ada"}]


def test_a_text_is_no_lead() -> None:
    (broken,) = read(b'"Ada"\n')

    assert broken.problem is not None
    assert broken.problem.detail == "line 1: it is no JSON object"
