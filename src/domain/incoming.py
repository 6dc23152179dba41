"""What a lead source offers, before anyone has checked it."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.lead_fields import LeadDetails


@dataclass(frozen=True, slots=True)
class IncomingLead:
    """One offered person: raw fields by the lead's own names, of any type, possibly none."""

    fields: Mapping[str, object]

    def details(self, source: str) -> LeadDetails:
        """The checked fields, marked with the source they came from; InvalidLead if broken."""
        return LeadDetails.of({**self.fields, "source": source})
