"""The columns of a table find their fields by the names that people give them."""

import pytest

from adapters.lead_sources._columns import Columns, field_of
from domain.formulas import as_it_was, defused

NAMES = {
    "name": ["Name", "Full Name", "Ansprechpartner"],
    "first_name": ["First name", "Given Name", "Vorname"],
    "last_name": ["Last Name", "SURNAME", "Nachname"],
    "email": ["email", "E-Mail", "E-mail Address", "Email address", "E-Mail-Adresse"],
    "phone": ["Phone", "Phone number", "Mobile", "Business Phone", "Telefon", "Handy"],
    "company": ["Company", "Organisation", "Organization", "Firma", "Unternehmen"],
    "job_title": ["Job title", "job_title", "Position", "Berufsbezeichnung"],
    "notes": ["Notes", " notes ", "Comments", "Notizen", "Bemerkungen"],
    "external_id": ["external_id", "External ID"],
    "status": ["Status"],
    None: ["Gender", "", "Source", "id", "Created at", "\u0130"],
}


@pytest.mark.parametrize(
    ("column", "field"), [(column, field) for field, some in NAMES.items() for column in some]
)
def test_a_column_is_known_by_what_people_call_it(column: str, field: str | None) -> None:
    assert field_of(column) == field


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        (["Ada", "Lovelace", ""], {"name": "Ada Lovelace"}),
        (["", "Lovelace", ""], {"name": "Lovelace"}),
        (["Ada", "Lovelace", "Countess Lovelace"], {"name": "Countess Lovelace"}),
        (["", " ", ""], {}),
    ],
)
def test_a_name_in_parts_is_put_together(cells: list[str], fields: dict[str, str]) -> None:
    assert Columns.under(["Vorname", "Nachname", "Name"]).fields(cells) == fields


@pytest.mark.parametrize(
    ("cells", "phone"), [(["1", "2"], "1"), (["", "2"], "2"), ([" ", "2"], "2")]
)
def test_of_two_columns_for_one_field_the_first_that_is_filled_counts(
    cells: list[str], phone: str
) -> None:
    assert Columns.under(["Phone", "Mobile"]).fields(cells) == {"phone": phone}


@pytest.mark.parametrize("text", ["", "Ada", "=1", "'=1", "''=1", "'", "+1", "\t=", "\uff1d1"])
def test_a_text_that_was_defused_is_as_it_was(text: str) -> None:
    assert as_it_was(defused(text)) == text
