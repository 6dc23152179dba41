"""What a lead's fields may hold."""

import unicodedata
from itertools import product

import pytest

from domain.address import email_key
from domain.errors import InvalidLead
from domain.lead_fields import LeadDetails, LeadStatus, TextRule, checked_text

FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    "spelling",
    [
        "ada@example.com",
        "ADA@EXAMPLE.COM",
        "Ada@Example.Com",
        "\uff21\uff24\uff21@example.com",
        "ada@\uff25xample.com",
    ],
)
def test_all_spellings_of_an_address_have_one_key(spelling: str) -> None:
    assert email_key(spelling) == "ada@example.com"


def test_composed_and_decomposed_letters_have_one_key() -> None:
    composed = "ren\u00e9@example.com"

    assert email_key(composed) == email_key(unicodedata.normalize("NFD", composed))


def test_an_international_domain_and_its_ascii_form_have_one_key() -> None:
    assert email_key("a@b\u00fccher.example") == email_key("a@XN--BCHER-KVA.example")


def test_plus_tags_and_dots_stay_distinct() -> None:
    keys = {email_key(f"{local}@example.com") for local in ("ada", "ada+crm", "a.da")}

    assert len(keys) == 3


def test_fields_are_trimmed_and_the_spelling_of_the_address_is_kept() -> None:
    details = LeadDetails.of({"name": "  Ada ", "email": " Ada@Example.COM "})

    assert (details.name, details.email) == ("Ada", "Ada@example.com")


def test_blank_optional_fields_are_absent() -> None:
    details = LeadDetails.of(
        {"name": "Ada", "email": "ada@example.com", "company": "  ", "notes": "", "phone": None}
    )

    assert (details.company, details.notes, details.phone) == (None, None, None)


def test_notes_keep_their_lines_and_their_emoji() -> None:
    notes = "First line\n\tsecond \U0001f469\u200d\U0001f52c"

    details = LeadDetails.of({"name": "Ada", "email": "ada@example.com", "notes": notes})

    assert details.notes == notes


def test_what_is_not_given_has_its_default() -> None:
    details = LeadDetails.of({"name": "Ada", "email": "ada@example.com"})

    assert (details.status, details.source) == (LeadStatus.NEW, "manual")


def test_all_broken_rules_are_told_at_once() -> None:
    with pytest.raises(InvalidLead) as refused:
        LeadDetails.of({"email": "nobody", "phone": 5, "colour": "red", "status": "won"})

    told = {(problem.field, problem.code) for problem in refused.value.problems}
    assert told == {
        ("name", "required"),
        ("email", "email"),
        ("phone", "type"),
        ("colour", "unknown_field"),
        ("status", "choice"),
    }


@pytest.mark.parametrize("length", [200, 201])
def test_lengths_count_characters_and_not_bytes(length: int) -> None:
    fields = {"name": "\U0001f980" * length, "email": "ada@example.com"}

    if length > 200:
        with pytest.raises(InvalidLead):
            LeadDetails.of(fields)
    else:
        assert len(LeadDetails.of(fields).name) == 200


def test_a_complaint_about_an_address_does_not_repeat_it_in_the_log() -> None:
    with pytest.raises(InvalidLead) as refused:
        LeadDetails.of({"name": "Ada", "email": "ada at example.com"})

    assert "ada" not in str(refused.value)


def test_a_text_is_taken_as_the_rules_for_each_character_say() -> None:
    rules = TextRule(5), TextRule(5, required=True), TextRule(5, multiline=True)
    common = [chr(code) for code in range(0x3000)]
    some = [chr(code) for code in range(0x3000, 0x110000, 499)]
    forbidden = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) in FORBIDDEN]

    for character, rule in product({*common, *some, *forbidden}, rules):
        for text in (character, f"a{character}b", f" {character}"):
            told = checked_text("x", rule, text, [])
            assert told == _by_characters(rule, text), hex(ord(character))


def _by_characters(rule: TextRule, text: str) -> str | None:
    kinds = {unicodedata.category(c) for c in text if not (rule.multiline and c in "\n\r\t")}
    shown = unicodedata.normalize("NFC", text.strip())
    seen = {unicodedata.category(c) for c in shown} - FORBIDDEN - {"Cf", "Zs"}
    return shown if seen and not kinds & FORBIDDEN and len(shown) <= rule.max_length else None
