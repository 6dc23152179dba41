"""Which lead each offered row meets: judged row by row, in order, before anything is written."""

from collections.abc import Iterable, Mapping

from domain.errors import FieldProblem
from domain.incoming import IncomingLead
from domain.lead import Lead, LeadId, Origin
from domain.lead_fields import LeadDetails
from domain.phone import phone_key
from domain.sync import Reject


class MergePlan:
    """`known` are all leads with an origin or an e-mail key of the rows.

    `phones` are the one lead with each of the `doubtful_phones`, as far as there is one.
    `met` are the known leads, each with the first row that meets it; `fresh` meet nobody.
    Only rows among these two take a place: an address, an external id, or a known lead.
    """

    def __init__(self, known: Iterable[Lead]) -> None:
        self.phones: Mapping[str, LeadId] = {}
        self.met: list[tuple[Lead, LeadDetails]] = []
        self.fresh: list[LeadDetails] = []
        self.ambiguous: list[Reject] = []
        self.duplicates = 0
        self._by_key = {lead.email_key: lead for lead in known}
        self._by_origin = {lead.origin: lead for lead in self._by_key.values() if lead.origin}
        self._taken = set[str | Origin | LeadId]()

    def doubtful_phones(self, rows: Iterable[LeadDetails]) -> set[str]:
        """The phone keys of rows that meet a lead which has another phone key, or none."""
        if not self._by_key:
            return set()
        doubtful = set[str]()
        for row in rows:
            if row.phone is None:
                continue
            by_origin, by_key = self._candidates(row)
            if (lead := by_origin or by_key) and (key := _other_phone(lead, row)):
                doubtful.add(key)
        return doubtful

    def judge(self, incoming: IncomingLead, row: LeadDetails) -> None:
        """By its source and external id, then by its address; a phone only raises doubts."""
        by_origin, by_key = self._candidates(row)
        if by_origin and by_key and by_origin is not by_key:
            both = ("external_id", by_origin.id), ("email", by_key.id)
            self.ambiguous.append(_ambiguous(incoming, *both))
            return
        lead = by_origin or by_key
        origin = _origin(row)
        places = {place for place in (row.email_key, origin, lead and lead.id) if place}
        if places & self._taken or (lead and not by_origin and _is_another(lead, row)):
            self.duplicates += 1
            return
        if lead and (other := self._other_by_phone(lead, row)):
            both = ("phone", other), ("email" if by_key else "external_id", lead.id)
            self.ambiguous.append(_ambiguous(incoming, *both))
            return
        self._taken |= places
        if lead:
            self.met.append((lead, row))
        else:
            self.fresh.append(row)

    def _candidates(self, row: LeadDetails) -> tuple[Lead | None, Lead | None]:
        """The leads with its origin and with its address."""
        origin = _origin(row)
        by_origin = self._by_origin.get(origin) if origin else None
        return by_origin, self._by_key.get(row.email_key)

    def _other_by_phone(self, lead: Lead, row: LeadDetails) -> LeadId | None:
        if not self.phones or row.phone is None:
            return None
        other = self.phones.get(_other_phone(lead, row) or "")
        return None if other == lead.id else other


def _origin(row: LeadDetails) -> Origin | None:
    return (row.source, row.external_id) if row.external_id else None


def _other_phone(lead: Lead, row: LeadDetails) -> str | None:
    """The row's phone key, unless the lead has it itself."""
    if row.phone == lead.phone:
        return None
    key = phone_key(row.phone)
    return None if key == phone_key(lead.phone) else key


def _is_another(lead: Lead, row: LeadDetails) -> bool:
    """Whether their one source tells them apart, though they have one address."""
    return lead.source == row.source and None not in {lead.external_id, row.external_id}


def _ambiguous(incoming: IncomingLead, one: tuple[str, LeadId], two: tuple[str, LeadId]) -> Reject:
    """A row of which two fields are those of two leads."""
    (field, lead_id), (other_field, other_id) = one, two
    detail = f"is that of lead {lead_id}, but {other_field} is that of lead {other_id}"
    return Reject.of(incoming.fields, [FieldProblem(field, "ambiguous", detail)])
