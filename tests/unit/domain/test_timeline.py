"""What a change is told of."""

from datetime import timedelta

from domain.timeline import FIELDS, FieldChange, changes_between
from tests.builders import NOW, a_basis, a_lead, an_insight

LATER = NOW + timedelta(minutes=1)


def test_each_field_is_told_from_and_to_in_the_order_of_the_leads_own() -> None:
    lead = a_lead(phone="1", company="Navy")

    changed = lead.changed({"status": "qualified", "company": None, "phone": "2"}, LATER)

    assert list(changes_between(lead, changed)) == [
        FieldChange("phone", "1", "2"),
        FieldChange("company", "Navy", None),
        FieldChange("status", "new", "qualified"),
    ]


def test_every_field_that_people_may_change_is_told() -> None:
    lead = a_lead()
    new = dict.fromkeys(FIELDS, "x") | {"email": "b@example.com", "status": "converted"}

    told = changes_between(lead, lead.changed(new, LATER))

    assert [change.field for change in told] == list(FIELDS)


def test_what_the_system_owns_is_no_change() -> None:
    lead = a_lead()

    assert list(changes_between(lead, lead.summarized(an_insight(), a_basis(), LATER))) == []
