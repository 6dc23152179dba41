"""Leads and what changes them."""

from datetime import timedelta

from domain.lead import SummaryStatus
from tests.builders import NOW, a_basis, a_lead, an_insight, some_details

LATER = NOW + timedelta(minutes=1)


def test_every_change_raises_the_version_and_the_time() -> None:
    lead = a_lead()

    changed = lead.awaiting_summary(LATER)

    assert (changed.version, changed.updated_at) == (2, LATER)
    assert changed.created_at == NOW


def test_a_failed_rerun_leaves_the_older_summary_visible() -> None:
    lead = a_lead().summarized(an_insight(), a_basis(), NOW)

    rerun = lead.awaiting_summary(LATER).without_summary(LATER)

    assert (rerun.summary, rerun.next_action, rerun.summarized_at) == ("Who.", "Do it.", NOW)
    assert rerun.summary_status is SummaryStatus.FAILED


def test_a_failed_first_run_leaves_no_text() -> None:
    lead = a_lead().awaiting_summary(NOW).without_summary(LATER)

    assert (lead.summary, lead.next_action) == (None, None)


def test_a_source_fills_blanks_only() -> None:
    lead = a_lead(phone="1", company=None)

    filled = lead.filled_from(some_details(phone="2", company="Navy", name="Other"), LATER)

    assert (filled.phone, filled.company, filled.name) == ("1", "Navy", "Ada Lovelace")


def test_a_source_that_knows_nothing_new_changes_nothing() -> None:
    lead = a_lead(phone="1")

    assert lead.filled_from(some_details(phone="2"), LATER) is lead


def test_a_summarizer_is_told_only_what_is_known() -> None:
    assert a_lead(company="Navy").facts == {
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "company": "Navy",
        "status": "new",
        "source": "manual",
    }
