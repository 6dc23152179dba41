"""What people change of a lead, and how it is deleted and restored."""

from datetime import timedelta

import pytest

from domain.errors import InvalidLead
from domain.lead import Lead, SummaryStatus
from domain.lead_fields import LeadStatus
from tests.builders import NOW, a_basis, a_lead, an_insight

LATER = NOW + timedelta(minutes=1)


def problems_of(lead: Lead, **changes: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidLead) as refused:
        lead.changed(changes, LATER)
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_only_what_is_named_changes() -> None:
    lead = a_lead(phone="1", company="Navy", source="fair", external_id="7", status="contacted")

    changed = lead.changed({"phone": "2"}, LATER)

    assert (changed.phone, changed.version, changed.updated_at) == ("2", 2, LATER)
    unchanged = ("company", "source", "external_id", "status", "name", "email", "created_at")
    assert {n: getattr(changed, n) for n in unchanged} == {n: getattr(lead, n) for n in unchanged}


def test_what_is_given_is_normalised_as_at_the_start() -> None:
    changed = a_lead().changed({"email": " ADA@B\u00fccher.example "}, LATER)

    assert changed.email_key == "ada@xn--bcher-kva.example"


def test_another_spelling_of_the_same_address_is_a_change_with_the_same_key() -> None:
    lead = a_lead()

    changed = lead.changed({"email": "Ada@example.com"}, LATER)

    assert (changed.email, changed.email_key) == ("Ada@example.com", lead.email_key)
    assert changed.version == 2


def test_null_and_blank_clear_what_may_be_blank() -> None:
    lead = a_lead(phone="1", notes="x", external_id="7")

    changed = lead.changed({"phone": None, "notes": " ", "external_id": ""}, LATER)

    assert (changed.phone, changed.notes, changed.external_id) == (None, None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"phone": "1"},
        {"phone": " 1 "},
        {"notes": None},
        {"status": "new"},
        {"source": "manual"},
    ],
)
def test_where_nothing_is_different_it_is_the_same_lead(changes: dict[str, object]) -> None:
    lead = a_lead(phone="1")

    assert lead.changed(changes, LATER) is lead


def test_what_may_not_be_null_is_told_in_the_order_of_the_fields() -> None:
    changes = dict.fromkeys(("status", "source", "email", "name"))

    assert problems_of(a_lead(), **changes) == [
        (name, "required") for name in ("name", "email", "source", "status")
    ]


def test_a_blank_source_does_not_become_the_default() -> None:
    assert problems_of(a_lead(source="fair"), source=" ") == [("source", "blank")]


def test_all_problems_are_told_at_once() -> None:
    told = problems_of(a_lead(), email="nobody", phone=5, status="won", colour="red", version=9)

    assert sorted(told) == [
        ("colour", "unknown_field"),
        ("email", "email"),
        ("phone", "type"),
        ("status", "choice"),
        ("version", "unknown_field"),
    ]


def test_a_change_touches_no_summary() -> None:
    lead = a_lead().summarized(an_insight(), a_basis(), NOW)

    changed = lead.changed({"status": "qualified"}, LATER)

    assert (changed.summary, changed.summary_status) == ("Who.", SummaryStatus.READY)
    assert changed.status is LeadStatus.QUALIFIED


def test_each_version_is_later_than_the_one_before_though_a_clock_may_be_behind() -> None:
    lead = a_lead().changed({"phone": "1"}, LATER)

    assert lead.changed({"phone": "2"}, NOW).updated_at > LATER


def test_a_deleted_lead_comes_back_as_it_was() -> None:
    lead = a_lead(phone="1")

    deleted = lead.deleted(LATER)
    restored = deleted.restored(LATER)

    assert (deleted.deleted_at, deleted.version) == (LATER, 2)
    assert (restored.deleted_at, restored.version) == (None, 3)
    assert (restored.phone, restored.email_key) == (lead.phone, lead.email_key)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (a_lead(), SummaryStatus.NONE),
        (a_lead().awaiting_summary(NOW), SummaryStatus.FAILED),
        (a_lead().summarized(an_insight(), a_basis(), NOW), SummaryStatus.READY),
        (a_lead().without_summary(NOW), SummaryStatus.FAILED),
    ],
)
def test_a_deleted_lead_waits_for_no_summary(before: Lead, after: SummaryStatus) -> None:
    assert before.deleted(LATER).restored(LATER).summary_status is after
