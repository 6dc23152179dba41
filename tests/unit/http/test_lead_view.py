"""A lead looks the same whether it was made of a row or of itself."""

from dataclasses import replace
from operator import attrgetter

import pytest

from domain.lead import LEAD_FIELDS, Lead
from entrypoints.lead_json import LeadView
from tests.builders import NOW, a_basis, a_lead, an_insight

PLAIN = a_lead(phone="+1 555 0100", notes="Two\nlines", source="fair", external_id="7")
TOLD = PLAIN.awaiting_summary(NOW).summarized(an_insight(), a_basis(), NOW)


@pytest.mark.parametrize(
    "lead", [PLAIN, PLAIN.awaiting_summary(NOW), TOLD, TOLD.with_activity(NOW)]
)
def test_a_lead_looks_like_the_values_it_is_kept_as(lead: Lead) -> None:
    values = attrgetter(*LEAD_FIELDS)(
        replace(lead, status=str(lead.status), summary_status=str(lead.summary_status))  # type: ignore[arg-type]
    )

    assert Lead.of_values(values) == lead
    assert LeadView.of_values(values) == LeadView.of(lead)
    assert type(Lead.of_values(values).status) is type(lead.status)
