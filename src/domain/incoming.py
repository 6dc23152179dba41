"""What a lead source offers, before anyone has checked it."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import FieldProblem, InvalidLead
from domain.lead_fields import LeadDetails


@dataclass(frozen=True, slots=True)
class IncomingLead:
    """One offered person: raw fields by the lead's own names, of any type, possibly none.

    `problem` is told of a row that its source could not read; `fields` then hold what there is.
    """

    fields: Mapping[str, object]
    problem: FieldProblem | None = None

    def details(self, source: str) -> LeadDetails:
        """The checked fields, marked with the source they came from; InvalidLead if broken."""
        if self.problem is not None:
            raise InvalidLead([self.problem])
        return LeadDetails.of({**self.fields, "source": source})
