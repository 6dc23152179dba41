"""Which column of a table fills which field of a lead, by the names that people give columns."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from domain.formulas import as_it_was

log = logging.getLogger(__name__)

SPELLINGS: Mapping[str, str] = {
    "name": "name fullname contactname contact ansprechpartner kontakt",
    "first_name": "firstname givenname forename vorname",
    "last_name": "lastname surname familyname nachname familienname",
    "email": "email emailaddress mail mailaddress emailadresse mailadresse email1value",
    "phone": "phone phonenumber phoneno mobile mobilephone mobilenumber cell cellphone telephone"
    " telephonenumber tel businessphone workphone telefon telefonnummer handy handynummer mobil"
    " mobiltelefon rufnummer phone1value",
    "company": "company companyname organisation organization organisationname organizationname"
    " account accountname employer firma firmenname unternehmen organization1name",
    "job_title": "jobtitle position role jobrole berufsbezeichnung funktion organization1title",
    "notes": "notes note comment comments remarks notizen notiz bemerkung bemerkungen kommentar",
    "status": "status leadstatus",
    "external_id": "externalid",
}
"""The spellings of each field's column, in lower case and without what is no letter or digit."""

_FIELDS = {spelling: field for field, some in SPELLINGS.items() for spelling in some.split()}
_NONE: Mapping[str, str] = MappingProxyType({})
_NAMES = ("first_name", "last_name")


def field_of(column: str, mapping: Mapping[str, str] = _NONE) -> str | None:
    """The field that a column of this name fills, `first_name` and `last_name` for parts of one.

    What `mapping` says of it goes before what it looks like.
    """
    if column.strip() in mapping:
        return mapping[column.strip()]
    return _FIELDS.get("".join(filter(str.isalnum, column.casefold())))


@dataclass(frozen=True, slots=True)
class Columns:
    """The places of the columns that fill something, and how many columns there are."""

    places: Sequence[tuple[int, str]]
    width: int

    @classmethod
    def under(cls, header: Sequence[str], mapping: Mapping[str, str] = _NONE) -> "Columns":
        """Columns of unknown names are told once, by their places: a name may be data."""
        fields = [field_of(column, mapping) for column in header]
        unknown = [place + 1 for place, field in enumerate(fields) if field is None]
        if unknown:
            log.warning("columns that fill nothing", extra={"columns": unknown})
        known = [(place, field) for place, field in enumerate(fields) if field is not None]
        return cls(known, len(header))

    def fields(self, cells: Sequence[str]) -> dict[str, str]:
        """What is not blank; of two columns for one field, the first that is not."""
        found: dict[str, str] = {}
        for place, field in self.places:
            if place < len(cells) and field not in found:
                cell = cells[place]
                if cell and not cell.isspace():
                    found[field] = as_it_was(cell) if cell[0] == "'" else cell
        return _named(found) if "first_name" in found or "last_name" in found else found

    def beyond(self, cells: Sequence[str]) -> list[str]:
        """The cells that stand under no column; blank ones are commas that somebody left over."""
        return [cell for cell in cells[self.width :] if cell and not cell.isspace()]


def _named(fields: dict[str, str]) -> dict[str, str]:
    """With the first and the last name as the name, unless it is there as a whole."""
    parts = [part for field in _NAMES if (part := fields.pop(field, None)) is not None]
    return {"name": " ".join(parts)} | fields
