"""What has moved since a summary was made, in words."""

from domain.lead_fields import LeadStatus
from tests.builders import NOW, a_basis, a_lead, an_insight


def test_nothing_has_moved_right_after_the_summary() -> None:
    lead = a_lead(phone="1", company="Navy")

    summarized = lead.summarized(an_insight(), a_basis(lead), NOW)

    assert (summarized.stale, summarized.stale_because) == (False, ())


def test_each_field_that_differs_is_named() -> None:
    lead = a_lead(phone="1", company="Navy")
    lead = lead.summarized(an_insight(), a_basis(lead), NOW)

    moved = lead.changed({"phone": "2", "company": None, "notes": "Wants a demo"}, NOW)

    assert moved.stale_because == ("phone changed", "company changed", "notes changed")


def test_what_came_back_to_what_it_was_has_not_moved() -> None:
    lead = a_lead(phone="1")
    lead = lead.summarized(an_insight(), a_basis(lead), NOW)

    back = lead.changed({"phone": "2"}, NOW).changed({"phone": "1"}, NOW)

    assert not back.stale


def test_what_no_summarizer_sees_does_not_make_a_summary_stale() -> None:
    lead = a_lead()
    lead = lead.summarized(an_insight(), a_basis(lead), NOW)

    assert not lead.changed({"external_id": "7"}, NOW).stale


def test_new_activities_are_counted() -> None:
    lead = a_lead().with_activity(NOW)
    lead = lead.summarized(an_insight(), a_basis(lead), NOW)

    once = lead.with_activity(NOW)
    twice = once.with_activity(NOW)

    assert once.stale_because == ("1 new activity",)
    assert twice.stale_because == ("2 new activities",)


def test_a_status_that_moved_is_told_and_its_way_there_and_back_too() -> None:
    lead = a_lead()
    lead = lead.summarized(an_insight(), a_basis(lead), NOW)

    there = lead.changed({"status": LeadStatus.CONTACTED}, NOW)
    back = there.changed({"status": LeadStatus.NEW}, NOW)

    assert there.stale_because == ("status changed",)
    assert back.stale_because == ("2 new moves of its status",)


def test_a_summary_from_before_bases_were_kept_is_not_called_stale() -> None:
    lead = a_lead(summary="Who.", basis=None)

    assert not lead.changed({"phone": "2"}, NOW).stale
