"""Which lead each offered row meets: judged row by row, in order, before anything is written."""

from collections.abc import Iterable

from domain.errors import FieldProblem
from domain.incoming import IncomingLead
from domain.lead import Lead, LeadId, Origin
from domain.lead_fields import LeadDetails
from domain.sync import Reject


class MergePlan:
    """`known` are all leads with an origin or an e-mail key of the rows.

    `met` are the known leads, each with the first row that meets it; `fresh` meet nobody.
    Only rows among these two take a place: an address, an external id, or a known lead.
    """

    def __init__(self, known: Iterable[Lead]) -> None:
        self.met: list[tuple[Lead, LeadDetails]] = []
        self.fresh: list[LeadDetails] = []
        self.ambiguous: list[Reject] = []
        self.duplicates = 0
        self._by_key = {lead.email_key: lead for lead in known}
        self._by_origin = {lead.origin: lead for lead in self._by_key.values() if lead.origin}
        self._taken = set[str | Origin | LeadId]()

    def judge(self, incoming: IncomingLead, row: LeadDetails) -> None:
        """By its source and external id, then by its address."""
        origin = (row.source, row.external_id) if row.external_id else None
        by_origin = self._by_origin.get(origin) if origin else None
        by_key = self._by_key.get(row.email_key)
        if by_origin and by_key and by_origin is not by_key:
            self.ambiguous.append(_ambiguous(incoming, by_origin, by_key))
            return
        lead = by_origin or by_key
        places = {place for place in (row.email_key, origin, lead and lead.id) if place}
        if places & self._taken or (lead and not by_origin and _is_another(lead, row)):
            self.duplicates += 1
            return
        self._taken |= places
        if lead:
            self.met.append((lead, row))
        else:
            self.fresh.append(row)


def _is_another(lead: Lead, row: LeadDetails) -> bool:
    """Whether their one source tells them apart, though they have one address."""
    return lead.source == row.source and None not in {lead.external_id, row.external_id}


def _ambiguous(incoming: IncomingLead, by_origin: Lead, by_key: Lead) -> Reject:
    detail = f"is that of lead {by_origin.id}, but email is that of lead {by_key.id}"
    return Reject.of(incoming.fields, [FieldProblem("external_id", "ambiguous", detail)])
